import { once } from 'node:events'
import { createServer } from 'node:net'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import { parseTraceparent } from '@boxoffice/messaging/telemetry'
import { expect } from 'chai'
import { type OtlpReceiver, startOtlpReceiver } from '../testing/otlp-receiver.ts'
import { createLog } from './log.ts'
import { startTracer } from './start-tracer.ts'

const log = createLog({ service: 'test', level: 'silent' })
const traceId = '0af7651916cd43dd8448eb211c80319c'
const caller = `00-${traceId}-b7ad6b7169203331-01`

describe('the tracer', () => {
  let receiver: OtlpReceiver
  beforeEach(async () => {
    receiver = await startOtlpReceiver()
  })
  afterEach(() => receiver.stop())

  const start = async (endpoint = receiver.endpoint): Promise<Tracer> => {
    const tracer = await startTracer({ service: 'payment', endpoint, log })
    if (tracer === undefined) throw new Error('there is no tracer')
    return tracer
  }

  it('does not exist without a receiver', async () => {
    expect(await startTracer({ service: 'payment', endpoint: undefined, log })).to.equal(undefined)
  })

  it('sends the ended spans when it stops, with its parent, attributes, links and error', async () => {
    const tracer = await start(`${receiver.endpoint}/`)
    const call = tracer.begin({ name: 'call', kind: 'SERVER', parent: caller, attributes: { a: 'b' } })
    tracer.begin({ name: 'never ended', kind: 'INTERNAL', parent: call.traceparent })
    const work = tracer.begin({ name: 'work', kind: 'CONSUMER', parent: call.traceparent, links: [caller] })
    work.end({ error: 'it broke', attributes: { late: 7 } })
    call.end()
    await tracer.stop()

    const [first, second] = receiver.spans
    const callId = parseTraceparent(call.traceparent)?.spanId
    expect(receiver.spans).to.have.length(2)
    expect(first).to.include({
      name: 'work',
      kind: 'CONSUMER',
      service: 'payment',
      error: 'it broke',
      traceId,
    })
    expect(first?.parentSpanId).to.equal(callId)
    expect(first?.links).to.deep.equal([{ traceId, spanId: 'b7ad6b7169203331' }])
    expect(first?.attributes).to.deep.equal({ late: 7n })
    expect(second).to.include({ name: 'call', kind: 'SERVER', traceId, parentSpanId: 'b7ad6b7169203331' })
    expect(second?.attributes).to.deep.equal({ a: 'b' })
    expect(second).to.not.have.property('error')
  })

  it('begins a trace if the parent has none', async () => {
    const tracer = await start()
    tracer.begin({ name: 'first', kind: 'INTERNAL', parent: 'x' }).end()
    await tracer.stop()
    expect(receiver.spans[0]).to.include({ name: 'first', parentSpanId: '' })
  })

  it('records nothing of a trace that the caller does not sample, and passes the flag on', async () => {
    const tracer = await start()
    const span = tracer.begin({ name: 'call', kind: 'SERVER', parent: caller.replace(/01$/, '00') })
    span.end()
    await tracer.stop()
    expect(parseTraceparent(span.traceparent)).to.include({ traceId, sampled: false })
    expect(receiver.spans).to.deep.equal([])
  })

  it('does not wait for a receiver that never answers', async () => {
    const silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const tracer = await start(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`)
    tracer.begin({ name: 'lost', kind: 'INTERNAL' }).end()
    const startedAt = performance.now()
    await tracer.stop()
    expect(performance.now() - startedAt).to.be.below(5_000)
    silent.close()
  })
})

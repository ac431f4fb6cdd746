import { fakeTracer } from '@boxoffice/common/testing/fake-tracer.ts'
import { expect } from 'chai'
import type { ReceivedMessage } from '../../message/received-message.ts'
import { childTraceparent, parseTraceparent } from '../../telemetry/trace-context.ts'
import { traceBatch } from './trace-batch.ts'

describe('the spans of a transaction', () => {
  const message = (traceparent: string | undefined): ReceivedMessage =>
    ({
      id: 'an id',
      type: 'boxoffice.point.v1.UsePointCommand',
      subject: 'a payment',
      key: 'a user',
      topic: 'point-commands',
      partition: 3,
      offset: 7n,
      traceparent,
    }) as ReceivedMessage

  it('continue the trace of each message, and carry on into what the handler sends', async () => {
    const tracer = fakeTracer()
    const [first, second] = [childTraceparent(), childTraceparent()]
    const trace = traceBatch(tracer, 'point')
    const handled = trace.begin([message(first), message(second)])
    await trace.end(Promise.resolve())

    const [transaction, one, other] = tracer.spans
    expect(transaction).to.include({ name: 'transaction point', kind: 'INTERNAL' })
    expect(transaction?.links).to.deep.equal([first, second])
    expect(one).to.include({
      name: 'process boxoffice.point.v1.UsePointCommand',
      kind: 'CONSUMER',
      parent: first,
    })
    expect(other).to.include({ parent: second })
    expect(one?.links).to.deep.equal([transaction?.traceparent])
    expect(handled.map(({ traceparent }) => traceparent)).to.deep.equal([
      one?.traceparent,
      other?.traceparent,
    ])
    expect(tracer.spans.map(({ outcome }) => outcome)).to.deep.equal([{}, {}, {}])
  })

  it('do not contain the key, which may identify a user', () => {
    const tracer = fakeTracer()
    traceBatch(tracer, 'point').begin([message(childTraceparent())])
    expect(JSON.stringify(tracer.spans)).to.not.include('a user')
  })

  it('report a transaction that was rolled back, but not its messages, which will be handled again', async () => {
    const tracer = fakeTracer()
    const trace = traceBatch(tracer, 'point')
    trace.begin([message(childTraceparent())])
    const failed = await trace.end(Promise.reject(new RangeError('secret'))).catch((error: unknown) => error)
    expect(failed).to.be.instanceOf(RangeError)
    expect(tracer.spans.map(({ outcome }) => outcome)).to.deep.equal([{ error: 'RangeError' }, undefined])
  })

  it('are not there where no message is sampled', () => {
    const tracer = fakeTracer()
    const messages = [message(childTraceparent().replace(/01$/, '00')), message(undefined), message('x')]
    expect(traceBatch(tracer, 'point').begin(messages)).to.equal(messages)
    expect(tracer.spans).to.deep.equal([])
  })

  it('leave an unsampled message its trace beside a sampled one', () => {
    const unsampled = childTraceparent().replace(/01$/, '00')
    const [, after] = traceBatch(fakeTracer(), 'point').begin([
      message(childTraceparent()),
      message(unsampled),
    ])
    const { traceId, sampled } = parseTraceparent(after?.traceparent) ?? {}
    expect({ traceId, sampled }).to.deep.equal({
      traceId: parseTraceparent(unsampled)?.traceId,
      sampled: false,
    })
  })
})

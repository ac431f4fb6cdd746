import { createLog } from '@boxoffice/common/telemetry/log.ts'
import type { NewSpan, SpanOutcome, Tracer } from '@boxoffice/messaging/telemetry'
import { expect } from 'chai'
import type { FastifyInstance } from 'fastify'
import { createApp } from './http-app.ts'
import { asCaller } from './sign-in.ts'
import { traceRequests } from './trace-requests.ts'

const callers = '00-0123456789abcdef0123456789abcdef-0123456789abcdef-01'
const consoles = '00-0123456789abcdef0123456789abcdef-fedcba9876543210-01'

describe('the trace of a request to the console', () => {
  const began: NewSpan[] = []
  const ended: (SpanOutcome | undefined)[] = []
  const tracer: Tracer = {
    begin(span) {
      began.push(span)
      return { traceparent: consoles, end: (outcome) => ended.push(outcome) }
    },
    stop: async () => undefined,
  }
  let app: FastifyInstance | undefined
  afterEach(async () => {
    began.length = ended.length = 0
    await app?.close()
  })

  it('goes on in the calls to services, and holds one span of the console', async () => {
    expect(await metadataOf('POST', { traceparent: callers }, tracer)).to.include({ traceparent: consoles })
    expect(began).to.have.lengthOf(1)
    expect(began[0]).to.deep.include({ name: 'POST /api/pay/:id', kind: 'SERVER', parent: callers })
    expect(ended).to.deep.equal([{ attributes: { 'http.response.status_code': 200 } }])
  })

  it('is passed on unchanged where nothing is traced, and for a request that only reads', async () => {
    expect(await metadataOf('POST', { traceparent: callers })).to.include({ traceparent: callers })
    expect(await metadataOf('GET', { traceparent: callers }, tracer)).to.include({ traceparent: callers })
    expect(began).to.deep.equal([])
  })

  it('is left to the service where the caller sends none, or an invalid one', async () => {
    expect(await metadataOf('POST', {})).not.to.have.property('traceparent')
    expect(await metadataOf('POST', { traceparent: '00-0-0-01' })).not.to.have.property('traceparent')
  })

  /** The metadata of a call that the request makes to a service. */
  async function metadataOf(
    method: 'GET' | 'POST',
    headers: Record<string, string>,
    by?: Tracer,
  ): Promise<Record<string, string>> {
    await app?.close()
    app = createApp(createLog({ service: 'test', level: 'silent' }))
    traceRequests(app, by)
    app.route({ method, url: '/api/pay/:id', handler: async (request) => asCaller(request).metadata })
    return (await app.inject({ method, url: '/api/pay/1', headers })).json()
  }
})

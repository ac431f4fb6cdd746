import { once as onceEmitted } from 'node:events'
import { type ClientHttp2Session, connect, constants } from 'node:http2'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { credentials, Client as GrpcClient } from '@grpc/grpc-js'
import { expect } from 'chai'
import { service as healthService } from 'grpc-health-check'
import { type Client, createClient } from '../grpc/client.ts'
import { type CallContext, implement } from '../grpc/server.ts'
import { Code, RemoteError } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { defaultAdmissionLimits, startTestServer, type TestServer } from '../testing/grpc.ts'
import type { AdmissionLimits } from './limits.ts'

const paymentId = '5a0c7b5e-8b7b-4a53-9c3a-0d2f5b6f3a10'
const once = { retries: 0 }

describe('admission to a gRPC server', () => {
  let auth: TestAuth
  let server: TestServer
  /** The handler of GetPayment. */
  let get: (call: CallContext) => Promise<object>
  const open: { close(): void }[] = []

  before(async () => {
    auth = await createTestAuth()
  })
  after(() => auth.dispose())
  afterEach(async () => {
    for (const client of open.splice(0)) client.close()
    await server.stop()
  })

  it('refuses calls of a caller with too many in flight, says when to come back, and serves other callers', async () => {
    await serve({ call: { perProcess: 20, perCaller: 3 } })
    const { release, work } = held()
    get = work
    const calls = Array.from({ length: 5 }, () => asks('ada'))
    const refusals = await first(calls, 2)
    for (const { code, reason, metadata, retryAfterMs } of refusals) {
      expect({ code, reason, metadata }).to.deep.equal({
        code: Code.RESOURCE_EXHAUSTED,
        reason: 'TOO_MUCH_AT_ONCE',
        metadata: { bound: 'calls_per_caller' },
      })
      expect(retryAfterMs).to.be.within(1, 10_000)
    }
    get = async () => ({ payment: { paymentId } })
    expect(await asks('bob')).to.equal('answered')
    release()
    expect((await Promise.all(calls)).filter((outcome) => outcome === 'answered')).to.have.length(3)
    expect(await refused('calls_per_caller', 'call')).to.equal(2)
    await until(async () => (await inFlight('call')) === 0)
  })

  it('admits a caller with few calls where another caller has all places, and refuses a waiting call of the other', async () => {
    await serve({ call: { perProcess: 6, perCaller: 6 } }, { unitsMax: 16, unitsPerCallerMax: 4 })
    const { release, work } = held()
    get = work
    const calls = Array.from({ length: 6 }, () => asks('ada'))
    await until(async () => (await inFlight('call')) === 6)
    get = async () => ({ payment: { paymentId } })
    expect(await asks('bob')).to.equal('answered')
    const [refusal] = await first(calls, 1)
    expect(refusal?.metadata).to.deep.equal({ bound: 'calls_per_process' })
    get = work
    release()
    expect((await Promise.all(calls)).filter((outcome) => outcome === 'answered')).to.have.length(5)
  })

  it('limits the rate of one caller, and of no other', async () => {
    await serve({}, { unitsPerSecond: 1, burstUnits: 40 })
    get = async () => ({ payment: { paymentId } })
    const outcomes = await Promise.all(Array.from({ length: 15 }, () => asks('ada')))
    expect(outcomes.filter((outcome) => outcome === 'answered')).to.have.length(10)
    const refusal = outcomes.find((outcome) => outcome instanceof RemoteError)
    expect(refusal?.metadata).to.deep.equal({ bound: 'rate_per_caller' })
    expect(refusal?.retryAfterMs).to.be.within(1_000, 4_100)
    expect(await asks('bob')).to.equal('answered')
  })

  it('counts the work of a caller who has left until it ends', async () => {
    await serve({ call: { perProcess: 20, perCaller: 1 } })
    const { release, work } = held()
    get = work
    const leaving = new AbortController()
    const gone = asks('ada', { signal: leaving.signal })
    await until(async () => (await inFlight('call')) === 1)
    leaving.abort()
    await gone
    expect(await asks('ada')).to.have.deep.property('metadata', { bound: 'calls_per_caller' })
    release()
    await until(async () => (await inFlight('call')) === 0)
    get = async () => ({ payment: { paymentId } })
    expect(await asks('ada')).to.equal('answered')
  })

  it('frees the place of a caller who leaves while the token is checked', async () => {
    await serve({ call: { perProcess: 100, perCaller: 100 } })
    get = async () => ({ payment: { paymentId } })
    expect(await asks('ada')).to.equal('answered')
    const session = connect(`http://${server.address}`)
    open.push(session)
    for (let nth = 0; nth < 20; nth++) {
      const stream = session.request(
        headersOf(`/${CheckoutService.typeName}/GetPayment`, await auth.token(`${nth}`)),
      )
      stream.on('error', () => undefined)
      stream.close(constants.NGHTTP2_CANCEL)
    }
    // The server answers in order on one connection, so the calls before have arrived.
    expect(await asks('bob')).to.equal('answered')
    await until(async () => (await inFlight('call')) === 0)
    expect(await admitted('call')).to.equal(22)
  })

  it('has a small class for calls without a token, including health checks', async () => {
    await serve({ anonymous_stream: { perProcess: 20, perCaller: 3 } })
    const health = new GrpcClient(server.address, credentials.createInsecure())
    open.push(health)
    const codes: number[] = []
    const watches = Array.from({ length: 8 }, () => watch(health, (code) => codes.push(code)))
    await until(async () => codes.length === 5)
    expect(codes).to.deep.equal(Array(5).fill(Code.RESOURCE_EXHAUSTED))
    expect(await refused('calls_per_caller', 'anonymous_stream')).to.equal(5)
    for (const stream of watches) stream.cancel()
    get = async () => ({ payment: { paymentId } })
    expect(await asks('ada')).to.equal('answered')
    await until(async () => (await inFlight('anonymous_stream')) === 0)
  })

  it('checks few invalid tokens of an address, and still serves known tokens of that address', async () => {
    await serve({}, { failedTokensPerSecond: 1, failedTokensBurst: 5 })
    get = async () => ({ payment: { paymentId } })
    expect(await asks('ada')).to.equal('answered')
    const forged = Array.from({ length: 60 }, (_, nth) => asksWith(`${nth}.not.valid`))
    expect(await asks('ada')).to.equal('answered')
    const answers = await Promise.all(forged)
    const reasons = answers.map((answer) => (answer instanceof RemoteError ? answer.reason : answer))
    // Checks that were running when the fifth failed may fail as well.
    expect(reasons.filter((reason) => reason === 'TOKEN_INVALID').length).to.be.within(5, 9)
    expect(reasons.filter((reason) => reason === 'TOO_MUCH_AT_ONCE').length).to.be.at.least(51)
    expect(await asks('ada')).to.equal('answered')
  })

  it('frees the place of a call whose request does not arrive whole, for every kind of caller', async () => {
    await serve({ anonymous_call: { perProcess: 2, perCaller: 2 } }, { requestArrivalMaxMs: 200 })
    const session = connect(`http://${server.address}`)
    open.push(session)
    const check = Array.from({ length: 2 }, () => beginCall(session, '/grpc.health.v1.Health/Check'))
    const get = beginCall(session, `/${CheckoutService.typeName}/GetPayment`, await auth.token('ada'))
    await until(async () => (await inFlight('anonymous_call')) === 2)
    expect(await Promise.all([...check, get])).to.deep.equal(Array(3).fill(String(Code.RESOURCE_EXHAUSTED)))
    await until(async () => (await inFlight('anonymous_call')) + (await inFlight('call')) === 0)
    expect(await refused('request_arrival', 'anonymous_call')).to.equal(2)
    expect(await refused('request_arrival', 'call')).to.equal(1)
  })

  async function serve(
    places: Partial<AdmissionLimits['places']>,
    limits: Partial<AdmissionLimits> = {},
  ): Promise<void> {
    const service = implement(CheckoutService, {
      checkout: async () => ({}),
      getPayment: (_request, call) => get(call),
      listPayments: async () => ({}),
      async *watchPayment() {},
      cancelPayment: async () => ({}),
    })
    const admission = {
      ...defaultAdmissionLimits,
      ...limits,
      places: { ...defaultAdmissionLimits.places, ...places },
    }
    server = await startTestServer([service], auth, { admission })
  }

  const tokens = new Map<string, string>()
  async function asks(subject: string, options = {}): Promise<'answered' | RemoteError> {
    const token = tokens.get(subject) ?? (await auth.token(subject))
    tokens.set(subject, token)
    return await asksWith(token, options)
  }

  async function asksWith(token: string, options = {}): Promise<'answered' | RemoteError> {
    const client: Client<typeof CheckoutService> = createClient(CheckoutService, server.address, {
      token: () => token,
    })
    open.push(client)
    try {
      await client.getPayment({ paymentId }, { ...once, ...options })
      return 'answered'
    } catch (error) {
      if (error instanceof RemoteError) return error
      throw error
    }
  }

  const sample = async (line: string): Promise<number> => {
    const text = await server.metrics.registry.metrics()
    return Number(
      text
        .split('\n')
        .find((sample) => sample.startsWith(line))
        ?.split(' ')
        .at(-1) ?? 0,
    )
  }
  const inFlight = (callClass: string) => sample(`boxoffice_admission_in_flight{class="${callClass}"`)
  const admitted = (callClass: string) => sample(`boxoffice_admission_admitted_total{class="${callClass}"`)
  const refused = (bound: string, callClass: string) =>
    sample(`boxoffice_admission_refused_total{bound="${bound}",class="${callClass}"`)
})

function headersOf(path: string, token?: string) {
  return {
    ':method': 'POST',
    ':path': path,
    'content-type': 'application/grpc',
    te: 'trailers',
    ...(token && { authorization: `Bearer ${token}` }),
  }
}

/** Sends a call's headers and half of its message. Returns its status once the server has cut it off. */
async function beginCall(session: ClientHttp2Session, path: string, token?: string): Promise<unknown> {
  const stream = session.request(headersOf(path, token))
  stream.write(Buffer.from([0, 0, 0, 0, 9, 1]))
  stream.resume()
  const closed = onceEmitted(stream, 'close')
  const [headers] = (await onceEmitted(stream, 'response')) as [Record<string, string>]
  await closed
  return headers['grpc-status']
}

/** Work that continues until it is released. */
function held() {
  let release: () => void = () => undefined
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  return {
    release,
    async work() {
      await released
      return { payment: { paymentId } }
    },
  }
}

/** The first refusals of some calls; other calls still wait. */
async function first(
  calls: readonly Promise<'answered' | RemoteError>[],
  count: number,
): Promise<readonly RemoteError[]> {
  const refusals: RemoteError[] = []
  for (const call of calls)
    void call.then((outcome) => outcome instanceof RemoteError && refusals.push(outcome))
  await until(async () => refusals.length >= count)
  return refusals
}

/** Watches the server's health, until the stream ends with a code. */
function watch(client: GrpcClient, onEnd: (code: number) => void) {
  const { Watch } = healthService
  if (Watch === undefined) expect.fail('no Watch')
  const stream = client.makeServerStreamRequest(
    Watch.path,
    Watch.requestSerialize,
    Watch.responseDeserialize,
    { service: '' },
  )
  stream.on('data', () => undefined)
  stream.on('error', ({ code }: { code?: number }) => onEnd(code ?? -1))
  return stream
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not in time')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

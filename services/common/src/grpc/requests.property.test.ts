import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { type DescMethod, type DescService, toBinary } from '@bufbuild/protobuf'
import { BinaryWriter } from '@bufbuild/protobuf/wire'
import { Client, credentials, Metadata, type ServiceError } from '@grpc/grpc-js'
import { expect } from 'chai'
import { codeName, fromServiceError, RemoteError } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { contractServices } from '../testing/contract-services.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { hostileBytes } from '../testing/hostile-bytes.ts'
import { largestMessage } from '../testing/largest-message.ts'
import { foreignRequestBytesMax } from './guard-foreign.ts'
import { implement, type ServiceImplementation } from './implement.ts'
import { requestBoundsOf } from './request-bounds.ts'

/** The upper bound of the cost of a refused call. Without guards the worst one cost a second, or all of the heap. */
const cpuMsMax = 300
const heapBytesMax = 48 * 1024 * 1024

describe('a method that gets arbitrary bytes', () => {
  let services: readonly DescService[]
  let auth: TestAuth
  let server: TestServer
  let client: Client
  let metadata: Metadata

  before(async () => {
    services = await contractServices()
    auth = await createTestAuth()
    server = await startTestServer(services.map(answeringNothing), auth)
    client = new Client(server.address, credentials.createInsecure())
    metadata = new Metadata()
    const roles = ['operator', 'admin', 'cashier', 'custodian']
    metadata.set('authorization', `Bearer ${await auth.token('mallory', { roles })}`)
  })
  after(async () => {
    client.close()
    await server.stop()
    await auth.dispose()
  })

  it('answers the largest legal request, within the bound that follows from the contract', async () => {
    for (const method of services.flatMap(({ methods }) => methods)) {
      for (const choice of [0, 1, 2, 3]) {
        const bytes = toBinary(method.input, largestMessage(method.input, choice))
        expect(bytes.length, method.name).to.be.at.most(requestBoundsOf(method.input).bytesMax)
        expect(await outcomeOf(method, bytes), `${method.name} ${choice}`).to.equal('OK')
      }
    }
  })

  it('refuses hostile requests at little cost, with a code and a reason, and serves on', async () => {
    const largest = Math.max(
      ...services.flatMap(({ methods }) => methods.map(({ input }) => requestBoundsOf(input).bytesMax)),
    )
    for (const method of services.flatMap((service) => service.methods)) {
      const { bytesMax } = requestBoundsOf(method.input)
      for (const [name, bytes] of hostileBytes(method.input, bytesMax)) {
        const what = `${method.parent.name}/${method.name}: ${name}`
        expect(await outcomeOf(method, bytes), what).to.be.oneOf(['OK', 'INVALID_ARGUMENT FIELD_VIOLATION'])
      }
      if (bytesMax < largest) {
        const outcome = await outcomeOf(method, new Uint8Array(bytesMax + 1))
        expect(outcome, method.name).to.equal('RESOURCE_EXHAUSTED REQUEST_TOO_LARGE')
      }
      expect(await outcomeOf(method, new Uint8Array(largest + 1)), method.name).to.equal(
        'RESOURCE_EXHAUSTED ',
      )
    }
  }).timeout(300_000)

  for (const [count, seat] of [
    [125_000, ''],
    [60_000, 'x'],
    [1_000, 'wrong'],
  ] as const) {
    it(`refuses ${count} names of seats '${seat}' in the same way`, async () => {
      const { holdSeats } = ReservationService.method
      const writer = new BinaryWriter()
      for (let nth = 0; nth < count; nth += 1) writer.tag(3, 2).string(seat)
      expect(await outcomeOf(holdSeats, writer.finish())).to.equal('RESOURCE_EXHAUSTED REQUEST_TOO_LARGE')
    })
  }

  it('counts too many empty names of a hold before it decodes them', async () => {
    const { holdSeats } = ReservationService.method
    const writer = new BinaryWriter()
    for (let nth = 0; nth < 400; nth += 1) writer.tag(3, 2).string('')
    const failure = await failureOf(holdSeats, writer.finish())
    expect(failure?.fieldViolations).to.deep.equal([
      { field: 'seats', description: 'must contain no more than 50 item(s)' },
    ])
  })

  it('names up to twenty violations, and counts the others', async () => {
    const { holdSeats } = ReservationService.method
    const writer = new BinaryWriter()
    for (let nth = 0; nth < 50; nth += 1) writer.tag(3, 2).string(`wrong-${nth}`)
    const failure = await failureOf(holdSeats, writer.finish())
    expect(failure?.fieldViolations).to.have.lengthOf(20)
    expect(failure?.message).to.match(/ \(and 32 more\)$/)
  })

  it('gets the same answers from health and reflection as from our services', async () => {
    for (const path of foreignPaths) {
      for (const [name, bytes] of foreignAttacks) {
        const outcome = await outcomeOf(path, bytes)
        const what = `${path}: ${name}`
        if (bytes.length > foreignRequestBytesMax) {
          expect(outcome, what).to.equal('RESOURCE_EXHAUSTED REQUEST_TOO_LARGE')
        } else expect(outcome, what).to.be.oneOf(['OK', 'NOT_FOUND ', 'INVALID_ARGUMENT FIELD_VIOLATION'])
      }
    }
  })

  /** Calls a method with these bytes, and checks the answer and its cost against their bounds. */
  async function failureOf(method: DescMethod | string, bytes: Uint8Array): Promise<RemoteError | undefined> {
    const heapBefore = process.memoryUsage().heapUsed
    const cpuBefore = process.threadCpuUsage()
    const error = await call(method, bytes)
    const { user, system } = process.threadCpuUsage(cpuBefore)
    expect((user + system) / 1_000, 'CPU in ms').to.be.lessThan(cpuMsMax)
    expect(process.memoryUsage().heapUsed - heapBefore, 'heap').to.be.lessThan(heapBytesMax)
    if (error === null) return undefined
    expect(Buffer.byteLength(error.details)).to.be.at.most(1_024)
    const [details] = error.metadata.get('grpc-status-details-bin')
    const trailers = encodeURI(error.details).length + Buffer.from(details ?? '').toString('base64').length
    expect(trailers).to.be.at.most(8_000)
    const failure = fromServiceError(error)
    if (!(failure instanceof RemoteError)) throw failure
    expect(failure.fieldViolations.length).to.be.at.most(20)
    return failure
  }

  async function outcomeOf(method: DescMethod | string, bytes: Uint8Array): Promise<string> {
    const failure = await failureOf(method, bytes)
    return failure === undefined ? 'OK' : `${codeName(failure.code)} ${failure.reason}`
  }

  /** Resolves with the error of the call, or null once it has been answered; the first answer of a watch is enough. */
  function call(method: DescMethod | string, bytes: Uint8Array): Promise<ServiceError | null> {
    const path = typeof method === 'string' ? method : `/${method.parent.typeName}/${method.name}`
    const isStream = typeof method === 'string' || method.methodKind === 'server_streaming'
    const options = { deadline: Date.now() + 20_000 }
    return new Promise((resolve) => {
      if (!isStream) {
        client.makeUnaryRequest(path, asBuffer, asBuffer, Buffer.from(bytes), metadata, options, (error) =>
          resolve(error),
        )
        return
      }
      const stream = client.makeBidiStreamRequest(path, asBuffer, asBuffer, metadata, options)
      stream.write(Buffer.from(bytes))
      stream.end()
      stream.once('data', () => {
        resolve(null)
        stream.cancel()
      })
      stream.on('error', (error: ServiceError) => resolve(error))
      stream.on('end', () => setImmediate(() => resolve(null)))
    })
  }
})

const foreignPaths = [
  '/grpc.health.v1.Health/Check',
  '/grpc.health.v1.Health/Watch',
  '/grpc.health.v1.Health/List',
  '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo',
  '/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo',
]

const foreignAttacks = new Map<string, Uint8Array>([
  ['nothing', new Uint8Array()],
  ['an unknown name', Buffer.from('\n\x07unknown')],
  ['a long name', new BinaryWriter().tag(1, 2).string('x'.repeat(1_000)).finish()],
  ['a name beyond the bound', new BinaryWriter().tag(1, 2).string('x'.repeat(50_000)).finish()],
  ['groups in groups', new Uint8Array(1_000).fill(0x0b)],
  ['more groups in groups', new Uint8Array(100_000).fill(0x0b)],
  ['a field that is cut off', new Uint8Array([0x0a])],
  ['half a character', new Uint8Array([0x0a, 3, 0xed, 0xa0, 0x80])],
])

function answeringNothing(service: DescService): ServiceImplementation {
  const handlers = service.methods.map(({ localName, methodKind }) => [
    localName,
    methodKind === 'server_streaming' ? async function* () {} : async () => ({}),
  ])
  return implement(service as never, Object.fromEntries(handlers) as never)
}

function asBuffer(bytes: Buffer): Buffer {
  return bytes
}

import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { Client, credentials } from '@grpc/grpc-js'
import { expect } from 'chai'
import { service } from 'grpc-health-check'
import { createTestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { implement } from './server.ts'

describe('gRPC health', () => {
  let server: TestServer
  let client: Client
  before(async () => {
    const auth = await createTestAuth()
    const refuse = async (): Promise<never> => {
      throw new Error('not called')
    }
    const handlers = { chargePoints: refuse, getBalance: refuse, listPointTransactions: refuse }
    server = await startTestServer([implement(PointService, handlers)], auth)
    client = new Client(server.address, credentials.createInsecure())
    await auth.dispose()
  })
  after(async () => {
    client.close()
    await server.stop()
  })

  const method = (name: string) => service[name] ?? expect.fail(`no ${name}`)
  const check = (name: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method('Check')
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { service: name },
        (error, answer) =>
          error ? reject(error) : resolve((answer as unknown as { status: string }).status),
      )
    })

  it('follows readiness, for the server and for each service, without a token', async () => {
    for (const ready of [false, true, false]) {
      server.readiness.set(ready)
      for (const name of ['', 'boxoffice.point.v1.PointService']) {
        expect(await check(name)).to.equal(ready ? 'SERVING' : 'NOT_SERVING')
      }
    }
  })

  it('does not know other services', async () => {
    expect(await check('no.such.Service').catch((error: unknown) => error)).to.include({ code: 5 })
  })

  it('keeps no names of unknown services, also while they are watched', async () => {
    const { path, requestSerialize, responseDeserialize } = method('Watch')
    const request = { service: 'no.such.Service' }
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request)
    const failure = await call.toArray().catch((error: unknown) => error)
    expect(failure).to.include({ code: 5, details: 'There is no such service here' })
  })

  it('reports each change to a watcher', async () => {
    server.readiness.set(true)
    const { path, requestSerialize, responseDeserialize } = method('Watch')
    const call = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, { service: '' })
    const seen: string[] = []
    for await (const answer of call) {
      seen.push((answer as { status: string }).status)
      server.readiness.set(seen.length % 2 === 0)
      if (seen.length === 3) break
    }
    expect(seen).to.deep.equal(['SERVING', 'NOT_SERVING', 'SERVING'])
  })
})

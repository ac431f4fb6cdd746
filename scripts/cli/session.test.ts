import { chmod } from 'node:fs/promises'
import { createServer, type Http2Server } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { expect } from 'chai'
import { decodeJwt } from 'jose'
import { ensureAuth } from '../platform/auth.ts'
import { type TemporaryFolder, temporaryFolder } from '../platform/temporary-folder.ts'
import type { Failure } from './failure.ts'
import { openSession, type Session } from './session.ts'

describe('openSession', () => {
  const { now } = Date
  const { BOXOFFICE_TOKEN_KEY } = process.env
  let folder: TemporaryFolder
  let server: Http2Server
  let session: Session
  /** The token of each call. */
  const tokens: string[] = []

  before(async () => {
    folder = await temporaryFolder()
    process.env.BOXOFFICE_TOKEN_KEY = (await ensureAuth(folder.dir)).privateKeyFile
    server = createServer().on('stream', (stream, { authorization }) => {
      tokens.push(String(authorization).replace('Bearer ', ''))
      stream.respond({ 'content-type': 'application/grpc', 'grpc-status': '12' }, { endStream: true })
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const pointAddress = `127.0.0.1:${(server.address() as AddressInfo).port}`
    session = await openSession({ output: 'json', user: 'ada', pointAddress }, new AbortController().signal)
  })
  after(async () => {
    Date.now = now
    if (BOXOFFICE_TOKEN_KEY === undefined) delete process.env.BOXOFFICE_TOKEN_KEY
    else process.env.BOXOFFICE_TOKEN_KEY = BOXOFFICE_TOKEN_KEY
    session.close()
    server.close()
    await folder.remove()
  })

  it('refuses to sign with a key that other users can read, and names the remedy', async () => {
    const key = process.env.BOXOFFICE_TOKEN_KEY ?? ''
    await chmod(key, 0o644)
    const refusal = await session.sign({ subject: 'ada' }).catch((error: Failure) => error)
    await chmod(key, 0o600)
    expect(refusal).to.include({ reason: 'KEY_NOT_PRIVATE' })
    expect((refusal as Failure).next[0]).to.equal(`make it readable for you only: chmod 600 ${key}`)
    expect(await session.sign({ subject: 'ada' })).to.be.a('string')
  })

  it('signs each call in for as long as the command runs', async () => {
    for (const hours of [0, 0.5, 24, 48]) {
      Date.now = () => now() + hours * 3_600_000
      await session
        .point()
        .getBalance({})
        .catch(() => undefined)
      await session
        .operator(ConsumerService, 'point')
        .listConsumers({})
        .catch(() => undefined)
      const [user, operator] = tokens.splice(0).map((token) => decodeJwt(token))
      expect(user).to.deep.include({ sub: 'ada', roles: ['cashier'] })
      expect(operator).to.deep.include({ sub: 'ada', roles: ['operator'] })
      for (const token of [user, operator]) expect(token?.exp).to.be.above(Date.now() / 1_000)
    }
  })
})

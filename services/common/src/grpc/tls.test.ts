import { connect } from 'node:tls'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { expect } from 'chai'
import { type CertificateAuthority, createAuthority } from '../../../../scripts/platform/certificates.ts'
import { Code, RemoteError } from '../status/errors.ts'
import { createTestAuth, type TestAuth } from '../testing/auth.ts'
import { startTestServer, type TestServer } from '../testing/grpc.ts'
import { createSecretFolder, type SecretFolder } from '../testing/secret-folder.ts'
import { createClient } from './client.ts'
import { implement } from './implement.ts'
import { clientCredentials } from './tls.ts'

describe('gRPC over TLS', () => {
  let folder: SecretFolder
  let authority: CertificateAuthority
  let auth: TestAuth
  let server: TestServer

  before(async () => {
    folder = await createSecretFolder()
    auth = await createTestAuth()
    authority = await createAuthority('test')
    const { certificate, privateKey } = await authority.issue('first', ['127.0.0.1', 'localhost'])
    const tls = {
      certificateFile: await folder.put('tls.crt', certificate),
      keyFile: await folder.put('tls.key', privateKey),
    }
    const service = implement(PointService, {
      chargePoints: async () => ({}),
      getBalance: async () => ({ balance: 42n }),
      listPointTransactions: async () => ({}),
    })
    server = await startTestServer([service], auth, { tls })
  })
  after(async () => {
    await server.stop()
    await auth.dispose()
    await folder.remove()
  })

  /** Reads the balance over a new connection. */
  async function balance(caFile?: string, host = '127.0.0.1'): Promise<bigint> {
    const token = auth.token('ada')
    const client = createClient(PointService, `${host}:${portOf(server)}`, {
      token: () => token,
      deadlineMs: 2_000,
      credentials: clientCredentials(caFile),
    })
    try {
      return (await client.getBalance({})).balance
    } finally {
      client.close()
    }
  }

  it('serves clients that trust its CA, by name and by address', async () => {
    const ca = await folder.put('ca.crt', authority.certificate)
    expect(await balance(ca)).to.equal(42n)
    expect(await balance(ca, 'localhost')).to.equal(42n)
  })

  it('is not trusted by clients that trust another CA', async () => {
    const stranger = await createAuthority('test')
    await expectUnavailable(balance(await folder.put('stranger.crt', stranger.certificate)))
  })

  it('does not accept plain text', async () => {
    await expectUnavailable(balance())
  })

  it('uses a replaced certificate without a restart and without an interruption', async () => {
    const ca = await folder.put('ca.crt', authority.certificate)
    const { certificate, privateKey } = await authority.issue('second', ['127.0.0.1'])
    // While certificate and key do not fit, the previous pair stays in force.
    await folder.put('tls.crt', certificate)
    const until = Date.now() + 1_500
    while (Date.now() < until) expect(await commonName(authority)).to.equal('first')
    await folder.put('tls.key', privateKey)
    const deadline = Date.now() + 10_000
    while ((await commonName(authority)) !== 'second') expect(Date.now()).to.be.below(deadline)
    expect(await balance(ca)).to.equal(42n)
  })

  it('lets a client use another CA for its next connection', async () => {
    const stranger = await createAuthority('test')
    const ca = await folder.put('client-ca.crt', stranger.certificate)
    const token = auth.token('ada')
    const client = createClient(PointService, server.address, {
      token: () => token,
      deadlineMs: 1_000,
      credentials: clientCredentials(ca),
    })
    try {
      await expectUnavailable(client.getBalance({}))
      await folder.put('client-ca.crt', authority.certificate)
      const deadline = Date.now() + 20_000
      for (;;) {
        const answer = await client.getBalance({}).catch(() => undefined)
        if (answer !== undefined) break
        expect(Date.now(), 'the new CA is taken up').to.be.below(deadline)
      }
    } finally {
      client.close()
    }
  }).timeout(30_000)

  /** The name in the server's certificate, from a new handshake. */
  function commonName({ certificate: ca }: CertificateAuthority): Promise<string | undefined> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: '127.0.0.1', port: portOf(server), ca, ALPNProtocols: ['h2'] }, () => {
        const name = socket.getPeerCertificate().subject.CN
        resolve(Array.isArray(name) ? name[0] : name)
        socket.destroy()
      })
      socket.once('error', reject)
    })
  }
})

function portOf(server: TestServer): number {
  return Number(server.address.slice(server.address.lastIndexOf(':') + 1))
}

async function expectUnavailable(call: Promise<unknown>): Promise<void> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).to.be.instanceOf(RemoteError)
  expect((error as RemoteError).code).to.be.oneOf([Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED])
}

import { createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { Client } from '@grpc/grpc-js'
import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'
import { signToken } from '../../scripts/platform/auth.ts'
import { expectBalancedBooks } from '../support/books.ts'
import { commandLineOf } from '../support/command-line.ts'
import { newConcert, newCustomer, present } from '../support/customer.ts'
import { linesSince } from '../support/log-lines.ts'
import { whileUnheard } from '../support/pause.ts'
import { buyTicket, secureSystem } from '../support/secure-system.ts'
import type { TestSystem } from '../support/start-test-system.ts'
import { waitUntil } from '../support/wait-until.ts'

describe('a secure system', function () {
  this.timeout(240_000)
  const secure = secureSystem()
  let system: TestSystem
  before(() => {
    ;({ system } = secure())
  })

  it('sells a ticket, gives points back, and its books balance', async () => {
    await buyTicket(system)
    const bob = await newCustomer(system, { points: 1_000n })
    const concert = await newConcert(system)
    const { paymentId } = await whileUnheard(system, async () => {
      const reservation = await bob.hold(concert, ['A-1-1'])
      return await bob.checkout({ ...reservation, totalPrice: reservation.totalPrice - 1n })
    })
    expect((await bob.settled(paymentId)).status).to.equal(PaymentStatus.FAILED)
    bob.close()
    await expectBalancedBooks(system)
  })

  it('is found by the command line with its CA', async () => {
    const cli = await commandLineOf(system)
    const commands = [
      ['charge', '1000'],
      ['balance'],
      ['consumers'],
      ['dead-letters', 'list'],
      ['verify'],
      ['doctor'],
    ]
    for (const command of commands) {
      const { exitCode, stderr } = await cli.run(...command)
      expect({ exitCode, stderr }, command.join(' ')).to.deep.equal({ exitCode: 0, stderr: '' })
    }
  })

  it('lets each service examine its surroundings at its start, and all are as needed', async () => {
    for (const name of ['payment', 'point', 'reservation', 'console']) {
      const reports = await waitUntil(`${name} reports what it finds`, async () => {
        const lines = (await linesSince(system, new Map())).get(name) ?? []
        const found = lines.filter((line) => line.includes('"component":"doctor"'))
        return found.length > 0 && found
      })
      expect(reports, name).to.have.length(1)
      expect(reports[0], name).to.include('surroundings are as needed')
    }
  })

  it('keeps the promises that helm test checks', async () => {
    const { services, console, tlsCaFile = '' } = system.addresses
    const addresses = Object.entries(services).map(
      ([name, { grpc }]) => [`BOXOFFICE_${name.toUpperCase()}_ADDRESS`, grpc[0]] as const,
    )
    const env = {
      ...process.env,
      ...Object.fromEntries(addresses),
      BOXOFFICE_PAGE: console[0]?.page,
      BOXOFFICE_TOKEN_KEY: system.auth.privateKeyFile,
      GRPC_TLS_CA_FILE: tlsCaFile,
    }
    for (const promise of ['api-answers', 'checkout-completes', 'page-opens']) {
      const { exitCode, output } = await runCommand('node', [`scripts/smoke/${promise}.ts`], { env })
      expect(exitCode, `${promise}: ${output}`).to.equal(0)
    }
  })

  it('is shown by the console, which reads Kafka, the services and its own database', async () => {
    const paymentId = await buyTicket(system)
    const roles = ['viewer', 'operator', 'custodian']
    const authorization = `Bearer ${await signToken(system.auth, { subject: 'demo', roles })}`
    const [console] = system.addresses.console
    const shown = async (resource: string): Promise<string> => {
      const response = await fetch(new URL(`/api/${resource}`, console?.page), { headers: { authorization } })
      const text = await response.text()
      expect(response.status, text).to.equal(200)
      return text
    }
    await waitUntil('the payment is shown', async () => (await shown('payments')).includes(paymentId))
    expect(await shown('concerts')).to.include('A test')
    const groups = await shown('groups')
    for (const group of ['payment', 'point', 'reservation', 'console'])
      expect(groups).to.include(`"${group}"`)
    const rebuilt = await fetch(new URL('/api/trail/rebuild', console?.page), {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ lostMax: 0 }),
    })
    expect(rebuilt.status, await rebuilt.text()).to.equal(202)
    await waitUntil('it is shown again', async () => (await shown('payments')).includes(paymentId))
  })

  describe('over gRPC', () => {
    it('speaks no plain text, and does not describe itself', async () => {
      const address = present(system.addresses.services.point.grpc[0])
      const plain = createClient(PointService, address, { deadlineMs: 2_000 })
      const error = await plain.getBalance({}).then(
        () => undefined,
        (reason: unknown) => reason,
      )
      plain.close()
      expect(error).to.be.instanceOf(RemoteError)
      expect((error as RemoteError).code).to.equal(Code.UNAVAILABLE)
      expect(await codeOf(address, '/grpc.reflection.v1.ServerReflection/ServerReflectionInfo')).to.equal(
        Code.UNIMPLEMENTED,
      )
      expect(await codeOf(address, '/grpc.health.v1.Health/Check')).to.equal(Code.OK)
    })

    async function codeOf(address: string, method: string): Promise<Code> {
      const client = new Client(address, clientCredentials(system.addresses.tlsCaFile))
      const unchanged = (bytes: Buffer): Buffer => bytes
      return await new Promise((resolve) => {
        const options = { deadline: Date.now() + 5_000 }
        client.makeUnaryRequest(method, unchanged, unchanged, Buffer.alloc(0), options, (error) => {
          client.close()
          resolve((error?.code ?? Code.OK) as Code)
        })
      })
    }
  })
})

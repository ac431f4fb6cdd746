import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { clientCredentials } from '@boxoffice/common/grpc/tls.ts'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'
import { withAdmin } from '@boxoffice/kafka'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { Client } from '@grpc/grpc-js'
import { expect } from 'chai'
import { runCommand } from '../scripts/command.ts'
import { signToken } from '../scripts/platform/auth.ts'
import { createAuthority } from '../scripts/platform/certificates.ts'
import { setKafkaPassword } from '../scripts/platform/kafka/set-password.ts'
import { describeKafkaQuotas } from '../scripts/platform/kafka/set-quotas.ts'
import { kafkaAs, type Security } from '../scripts/platform/security.ts'
import { askAs, type Connection, openAs, queryAs, writeAs } from './support/attempts.ts'
import { expectBalancedBooks } from './support/books.ts'
import { commandLineOf } from './support/command-line.ts'
import { newConcert, newCustomer, present } from './support/customer.ts'
import { linesSince } from './support/log-lines.ts'
import { whileUnheard } from './support/pause.ts'
import type { TestSystem } from './support/shared-system.ts'
import { expectNoSecretShown } from './support/shown-secrets.ts'
import { startTestSystem } from './support/start-test-system.ts'
import { waitUntil } from './support/wait-until.ts'
import { type ProcessWatch, watchProcesses } from './support/watch-processes.ts'

describe('a secure system', function () {
  this.timeout(240_000)
  let system: TestSystem
  let security: Security
  /** Begins before the first start, which passes the users to the brokers. */
  let watch: ProcessWatch

  before(async () => {
    watch = watchProcesses()
    system = await startTestSystem({ secure: true, consoles: 1, env: { LOG_LEVEL: 'info' } })
    security = present(system.security)
  })
  after(async () => {
    await watch?.stop()
    await system?.stop()
  })

  it('sells a ticket, gives points back, and its books balance', async () => {
    await buyTicket()
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
    const paymentId = await buyTicket()
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

  describe('in Kafka', () => {
    // Kafka does not return a group's coordinator to a user who may not describe the group.
    const forbidden = /authoriz|find group coordinator/i
    const as = (user: string): KafkaAddress => kafkaAs(user, system.addresses.kafka.brokers, security.kafka)

    it('lets a relay write the topics of its service, and no other', async () => {
      expect(await write('relay-point', 'point-commands-dlt')).to.equal('done')
      for (const topic of [
        'payment-events',
        'point-commands',
        'reservation-events',
        'reservation-commands-dlt',
      ]) {
        expect(await write('relay-point', topic), topic).to.match(forbidden)
      }
    })

    it('lets a service write nothing, not even to the topics of its own relay', async () => {
      for (const topic of ['point-events', 'point-commands', 'payment-events']) {
        expect(await write('point', topic), topic).to.match(forbidden)
      }
    })

    it('lets a service see its inputs and its own group, and no other', async () => {
      expect(await ends('point', 'point-commands')).to.equal('done')
      expect(await ends('point', 'payment-events')).to.match(forbidden)
      expect(await offsets('point', 'point')).to.equal('done')
      expect(await offsets('point', 'payment')).to.match(forbidden)
    })

    it('lets the operator describe every group, and change none', async () => {
      expect(await offsets('operator', 'payment')).to.equal('done')
      expect(await askAs(as('operator'), (admin) => admin.deleteGroups(['payment']))).to.match(
        /delet|not authorized/i,
      )
    })

    it('accepts no client without the right password, and no server certificate of an unknown CA', async () => {
      const wrong = await secret('wrong')
      const kafka = as('point')
      const sasl = { username: 'point', passwordFile: wrong }
      expect(await lists({ ...kafka, sasl })).to.match(/authentication/i)
      expect(await lists({ ...kafka, sasl: undefined })).to.not.equal('done')
      const stranger = await file('stranger.crt', (await createAuthority('stranger')).certificate)
      expect(await lists({ ...kafka, tlsCaFile: stranger })).to.match(/certificate/i)
      expect(await lists(kafka)).to.equal('done')
    })

    it('bounds what each user takes of a broker, as the manifests say', async () => {
      const quotas = await describeKafkaQuotas(system.addresses.kafka.brokers, security.kafka)
      for (const quota of [
        'producer_byte_rate=1.048576E7',
        'consumer_byte_rate=5.24288E7',
        'request_percentage=200.0',
      ])
        expect(quotas).to.include(quota)
    })

    it('uses a changed password for the next connection', async () => {
      const passwordFile = await secret(randomPassword())
      const kafka = { ...as('console'), sasl: { username: 'console', passwordFile } }
      expect(await lists(kafka)).to.match(/authentication/i)
      const client = createKafka({ ...kafka, clientId: 'test' })
      const password = randomPassword()
      await setKafkaPassword('console', password, kafka.brokers, security.kafka)
      await writeFile(passwordFile, password)
      await withAdmin(client, (admin) => admin.listTopics())
    })

    const lists = (kafka: KafkaAddress): Promise<string> => askAs(kafka, (admin) => admin.listTopics())
    const ends = (user: string, topic: string) => askAs(as(user), (admin) => admin.fetchTopicOffsets(topic))
    const offsets = (user: string, groupId: string) =>
      askAs(as(user), (admin) => admin.fetchOffsets({ groupId }))
    const write = (user: string, topic: string) => writeAs(as(user), topic)
  })

  describe('in PostgreSQL', () => {
    it('keeps a service out of the databases of others', async () => {
      expect(await query('point', 'point', 'SELECT count(*) FROM wallet')).to.equal('done')
      expect(await query('point', 'payment', 'SELECT 1')).to.match(/pg_hba\.conf/)
      expect(await query('point_relay', 'payment', 'SELECT 1')).to.match(/pg_hba\.conf/)
    })

    it('keeps a relay out of the business tables', async () => {
      expect(await query('point_relay', 'point', 'SELECT count(*) FROM outbox')).to.equal('done')
      for (const table of ['wallet', 'ledger_entry', 'inbox', 'request']) {
        expect(await query('point_relay', 'point', `SELECT * FROM ${table}`), table).to.match(
          /permission denied/,
        )
      }
    })

    it('lets no role copy the server by physical replication, and only a relay read the log', async () => {
      const roles = [...security.postgres.roles.map(({ name }) => name), 'postgres']
      for (const role of roles) {
        expect(
          await query(role, 'replication', 'IDENTIFY_SYSTEM', { config: { replication: 'true' } }),
          role,
        ).to.match(/pg_hba\.conf/)
      }
      expect(
        await query('point_relay', 'point', 'IDENTIFY_SYSTEM', { config: { replication: 'database' } }),
      ).to.equal('done')
      for (const role of ['point', 'point_owner']) {
        const answer = await query(role, 'point', 'IDENTIFY_SYSTEM', { config: { replication: 'database' } })
        expect(answer, role).to.match(/permission denied|must be .*replication/i)
      }
    })

    it('lets a role have as many connections as its processes need, and leaves the rest to others', async () => {
      const { name: role, connectionLimit } = present(
        security.postgres.roles.find(({ name }) => name === 'console_owner'),
      )
      const at = { role, port: databasePort(), database: 'console' }
      const { opened, refusal, result } = await openAs(at, connectionLimit + 1, security, () =>
        query('payment', 'payment', 'SELECT 1'),
      )
      expect({ opened, refusal, result }).to.deep.equal({
        opened: connectionLimit,
        refusal: `too many connections for role "${role}"`,
        result: 'done',
      })
    })

    it('is not reached in plain text, nor by a client that trusts another CA', async () => {
      const stranger = await file('other.crt', (await createAuthority('stranger')).certificate)
      expect(await query('point', 'point', 'SELECT 1', { parameters: { sslmode: 'disable' } })).to.match(
        /pg_hba\.conf/,
      )
      expect(await query('point', 'point', 'SELECT 1', { parameters: { sslrootcert: stranger } })).to.match(
        /certificate/,
      )
    })
  })

  it('shows no secret to other users: in no arguments, environment or file that they can read', async () => {
    await expectNoSecretShown(system, watch.seen)
  })

  describe('when passwords are rotated', () => {
    it('goes on, also while the files still hold the old ones', async () => {
      const users = ['payment', 'point', 'relay-payment', 'relay-point']
      const roles = ['payment', 'point', 'payment_relay', 'point_relay']
      const passwords = new Map([...users, ...roles].map((name) => [name, randomPassword()]))
      const brokers = [...system.processes.values()].filter(({ name }) => name.startsWith('kafka-'))
      for (const user of users) {
        await setKafkaPassword(
          user,
          present(passwords.get(user)),
          system.addresses.kafka.brokers,
          security.kafka,
        )
      }
      for (const role of roles) {
        await admin(`ALTER ROLE ${role} PASSWORD '${present(passwords.get(role))}'`)
      }
      // For a while the files hold the old passwords, as on Kubernetes: new connections are refused and tried again.
      await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = ANY ('{${roles}}')`)
      await present(brokers[0]).restart()
      for (const user of users)
        await writeFile(security.kafka.passwordFileOf(user), present(passwords.get(user)))
      for (const role of roles)
        await writeFile(security.postgres.passwordFileOf(role), present(passwords.get(role)))
      for (const broker of brokers.slice(1)) await broker.restart()
      await buyTicket()
      await expectBalancedBooks(system)
    })
  })

  async function buyTicket(): Promise<string> {
    const ada = await newCustomer(system, { points: 1_000n })
    const payment = await ada.checkout(await ada.hold(await newConcert(system), ['A-1-1']))
    expect((await ada.settled(payment.paymentId, 60_000)).status).to.equal(PaymentStatus.COMPLETED)
    ada.close()
    return payment.paymentId
  }

  function query(
    role: string,
    database: string,
    statement: string,
    more: Pick<Connection, 'parameters' | 'config'> = {},
  ): Promise<string> {
    return queryAs({ role, port: databasePort(), database, ...more }, statement, security)
  }

  function databasePort(): number {
    return Number(new URL(system.addresses.adminDatabaseUrl).port)
  }

  async function admin(statement: string): Promise<void> {
    expect(await query('postgres', 'postgres', statement)).to.equal('done')
  }

  const file = async (name: string, text: string): Promise<string> => {
    const target = path.join(system.dir, name)
    await writeFile(target, text)
    return target
  }
  const secret = (text: string): Promise<string> => file(`secret-${randomBytes(4).toString('hex')}`, text)
})

function randomPassword(): string {
  return randomBytes(16).toString('hex')
}

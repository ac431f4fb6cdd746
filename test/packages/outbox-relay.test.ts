import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { randomInt, randomUUID } from 'node:crypto'
import { once } from 'node:events'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  countRows,
  createOutboxDatabase,
  type OutboxDatabase,
} from '@boxoffice/outbox-relay/testing/outbox-database.ts'
import { createTestTopic, type TestTopic } from '@boxoffice/outbox-relay/testing/topic.ts'
import { waitFor } from '@boxoffice/outbox-relay/testing/wait-for.ts'
import { expect } from 'chai'
import type { TemporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { installPackages } from './install-packages.ts'

const orders = 300
const customers = 5
const kills = 3

describe('the package of the relay, in a folder of its own', function () {
  this.timeout(180_000)
  let folder: TemporaryFolder
  let shop: OutboxDatabase
  let role: string
  let topic: TestTopic
  let relay: ChildProcess | undefined

  before(async () => {
    folder = await installPackages(['outbox-relay'])
    shop = await createOutboxDatabase(undefined, ['CREATE TABLE orders (id integer PRIMARY KEY)'])
    role = `${shop.name}_relay`
    topic = await createTestTopic()
  })
  after(async () => {
    await kill()
    await shop.pool.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`)
    await Promise.all([shop.drop(), topic.close()])
    await folder.remove()
  })

  it('publishes all rows of a foreign service in order, although it is killed repeatedly', async () => {
    const { stdout } = spawnSync(process.execPath, [bin(), 'sql'], {
      env: { PATH: process.env.PATH, OUTBOX_ROLE: role },
      encoding: 'utf8',
    })
    await shop.pool.query(stdout)
    await shop.pool.query(`ALTER ROLE ${role} PASSWORD '${role}'`)

    start()
    const killing = killNowAndThen()
    for (let order = 0; order < orders; order += 1) await placeOrder(order)
    await killing
    await waitFor('an empty outbox', async () => (await countRows(shop.pool)) === 0, 60_000)
    // Some records are repeats, so a count of records would be reached before the last order.
    await waitFor('every order', () => new Set(topic.records.map(({ value }) => value)).size >= orders)

    // A killed relay repeats the rows that it had not deleted yet. Only the first copy of each counts.
    for (let customer = 0; customer < customers; customer += 1) {
      const received = [
        ...new Set(topic.records.filter(({ key }) => key === `${customer}`).map(({ value }) => value)),
      ]
      const placed = Array.from(
        { length: orders / customers },
        (_, n) => `{"order":${n * customers + customer}}`,
      )
      expect(received).to.deep.equal(placed)
    }
  })

  /** Writes the business row and the message in one transaction, with plain SQL and JSON, as the service would. */
  async function placeOrder(order: number): Promise<void> {
    await shop.pool.query(
      `WITH placed AS (INSERT INTO orders (id) VALUES ($1))
       INSERT INTO outbox (message_id, topic, key, type, payload, headers)
       VALUES ($2::uuid, $3, convert_to($4, 'UTF8'), 'OrderPlaced', convert_to($5, 'UTF8'), jsonb_build_object('id', $2::uuid))`,
      [order, randomUUID(), topic.name, `${order % customers}`, JSON.stringify({ order })],
    )
  }

  async function killNowAndThen(): Promise<void> {
    for (let round = 0; round < kills; round += 1) {
      const seen = topic.records.length
      await waitFor('some records', () => topic.records.length > seen || topic.records.length >= orders)
      await sleep(randomInt(50))
      await kill()
      start()
    }
  }

  function start(): void {
    const databaseUrl = new URL(shop.url)
    databaseUrl.username = role
    databaseUrl.password = role
    relay = spawn(process.execPath, [bin()], {
      cwd: folder.dir,
      env: {
        PATH: process.env.PATH,
        DATABASE_URL: databaseUrl.href,
        KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS,
        RELAY_NAME: 'shop',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
  }

  async function kill(): Promise<void> {
    if (relay === undefined || relay.exitCode !== null || relay.signalCode !== null) return
    const exited = once(relay, 'exit')
    relay.kill('SIGKILL')
    await exited
  }

  function bin(): string {
    return path.join(folder.dir, 'node_modules', '.bin', 'outbox-relay')
  }
})

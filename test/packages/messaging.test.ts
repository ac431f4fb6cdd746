import { type ChildProcess, spawn } from 'node:child_process'
import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { cp } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { withOptions } from '@boxoffice/common/testing/with-options.ts'
import {
  countRows,
  createOutboxDatabase,
  type OutboxDatabase,
} from '@boxoffice/outbox-relay/testing/outbox-database.ts'
import { createTestTopic, type TestTopic } from '@boxoffice/outbox-relay/testing/topic.ts'
import { waitFor } from '@boxoffice/outbox-relay/testing/wait-for.ts'
import { expect } from 'chai'
import { runCommand } from '../../scripts/command.ts'
import { repositoryDir } from '../../scripts/platform/paths.ts'
import type { TemporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { compileStrictly } from './compile-strictly.ts'
import { createDeadLetterTopic } from './create-dead-letter-topic.ts'
import { installPackages } from './install-packages.ts'

/** The user's packages besides ours. */
const userPackages = ['pg@8.23.0', '@types/pg@8.23.1', '@types/node@24.10.1', 'zod@4.6.7']

/** Customer `eve` is unknown at first: her first order is poison, and the others wait behind it. */
const customers = ['ann', 'bob', 'cat', 'dan', 'eve']
const ordersEach = 60
/** The process that is killed in each wave; a wave has a third of the orders. */
const waves = ['service', 'relay', 'service']

describe('the package of messaging, in a folder of its own', function () {
  this.timeout(180_000)
  let folder: TemporaryFolder
  let shop: OutboxDatabase
  let orders: TestTopic
  let invoices: TestTopic
  const running = new Map<string, ChildProcess>()

  before(async () => {
    folder = await installPackages(['kafka', 'pacing', 'messaging', 'outbox-relay'], userPackages)
    shop = await createOutboxDatabase(undefined, [])
    ;[orders, invoices] = await Promise.all([createTestTopic(), createTestTopic()])
    await createDeadLetterTopic(orders.name)
    await cp(
      path.join(repositoryDir, 'services/common/messaging/example/billing.ts'),
      path.join(folder.dir, 'billing.ts'),
    )
  })
  after(async () => {
    await Promise.all([...running.keys()].map(kill))
    await Promise.all([shop.drop(), orders.close(), invoices.close()])
    await folder.remove()
  })

  it("has types that compile strictly in a user's project", async () => {
    await compileStrictly(folder.dir, 'billing.ts')
  })

  it('loses, doubles and reorders no message when the service and its relay are killed repeatedly', async () => {
    start('service', [path.join(folder.dir, 'billing.js')])
    start('relay', [path.join(folder.dir, 'node_modules', '.bin', 'outbox-relay')])
    await waitFor('the tables', async () => (await existing('invoice')) && (await existing('outbox')), 30_000)
    await shop.pool.query(`INSERT INTO customer SELECT unnest($1::text[])`, [
      customers.filter((name) => name !== 'eve'),
    ])
    for (const [nth, victim] of waves.entries()) await orderWhileVictimDies(nth, victim)
    const invoiced = (customers.length - 1) * ordersEach
    await waitFor('the invoices', async () => (await countRows(shop.pool, 'invoice')) >= invoiced, 60_000)
    const putAside = `dead_letter WHERE state = 'PUT_ASIDE'`
    await waitFor("eve's orders", async () => (await countRows(shop.pool, putAside)) === ordersEach, 30_000)
    expect(await billedTo('eve')).to.deep.equal([])

    await shop.pool.query(`INSERT INTO customer VALUES ('eve')`)
    await run('redrive')

    for (const customer of customers)
      expect(await billedTo(customer), customer).to.deep.equal(allOf(customer))
    await waitFor('an empty outbox', async () => (await countRows(shop.pool)) === 0, 30_000)
    for (const customer of customers) {
      await waitFor('the last invoice', () => firstCopies(invoices, customer).length >= ordersEach)
      // A killed relay repeats the rows that it had not deleted yet. Only the first copy of each counts.
      expect(firstCopies(invoices, customer), customer).to.deep.equal(allOf(customer))
    }
  })

  it('installs at most twelve packages besides those of the service', async () => {
    const alone = await installPackages(['kafka', 'pacing', 'messaging'])
    try {
      const { output } = await runCommand('npm', ['ls', '--all', '--parseable'], { cwd: alone.dir })
      const installed = output.split('\n').filter((line) => line.includes('node_modules'))
      expect(installed.length, output).to.be.within(5, 12)
    } finally {
      await alone.remove()
    }
  })

  const allOf = (customer: string) => Array.from({ length: ordersEach }, (_, nth) => `${customer}-${nth + 1}`)

  async function billedTo(customer: string): Promise<string[]> {
    const { rows } = await shop.pool.query<{ order_id: string }>(
      'SELECT order_id FROM invoice WHERE customer = $1 ORDER BY id',
      [customer],
    )
    return rows.map((row) => row.order_id)
  }

  function firstCopies(topic: TestTopic, customer: string): string[] {
    const sent = topic.records.filter(({ key }) => key === customer)
    return [...new Set(sent.map(({ value }) => (JSON.parse(value ?? '') as { order: string }).order))]
  }

  async function existing(table: string): Promise<boolean> {
    const { rows } = await shop.pool.query<{ found: boolean }>(
      'SELECT to_regclass($1) IS NOT NULL AS found',
      [table],
    )
    return rows[0]?.found === true
  }

  /**
   * All customers order at the same time. When some orders have been billed, the victim is killed and started again.
   */
  async function orderWhileVictimDies(wave: number, victim: string): Promise<void> {
    const seen = await countRows(shop.pool, 'invoice')
    const share = ordersEach / waves.length
    const [first, last] = [String(wave * share + 1), String((wave + 1) * share)]
    const ordering = Promise.all(customers.map((customer) => run('order', customer, first, last)))
    await waitFor('some invoices', async () => (await countRows(shop.pool, 'invoice')) > seen, 30_000)
    await sleep(randomInt(100))
    const args = running.get(victim)?.spawnargs.slice(1) ?? []
    await kill(victim)
    start(victim, args)
    await ordering
  }

  function start(name: string, args: readonly string[]): void {
    running.set(
      name,
      spawn(process.execPath, args, {
        cwd: folder.dir,
        env: environment(),
        stdio: 'ignore',
      }),
    )
  }

  async function kill(name: string): Promise<void> {
    const child = running.get(name)
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  async function run(...args: readonly string[]): Promise<void> {
    const { exitCode, output } = await runCommand(process.execPath, ['billing.js', ...args], {
      cwd: folder.dir,
      env: environment(),
    })
    expect(exitCode, output).to.equal(0)
  }

  function environment() {
    return {
      PATH: process.env.PATH,
      DATABASE_URL: withOptions(shop.url),
      KAFKA_BROKERS: process.env.TEST_KAFKA_BROKERS,
      ORDERS: orders.name,
      INVOICES: invoices.name,
      RELAY_NAME: 'shop',
      OUTBOX_SCHEMA: 'messaging',
    }
  }
})

import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import type { Security } from '../../scripts/platform/security.ts'
import { type Connection, queryAs } from './attempts.ts'
import { newConcert, newCustomer, present } from './customer.ts'
import { startTestSystem, type TestSystem } from './start-test-system.ts'
import { type ProcessWatch, watchProcesses } from './watch-processes.ts'

export interface SecureSystem {
  readonly system: TestSystem
  readonly security: Security
  /** Has watched all processes since before the first start, which passes the users to the brokers. */
  readonly watch: ProcessWatch
}

let started: Promise<SecureSystem> | undefined
let suites = 0

/**
 * The secure system that the suites of test/secure share. The first suite starts it, and the last one stops it, so
 * that it does not run beside the systems of later tests. A suite calls this in its `describe`.
 *
 * @returns the function that returns the system, from the suite's own `before` on
 */
export function secureSystem(): () => SecureSystem {
  let secure: SecureSystem | undefined
  suites += 1
  before(async () => {
    started ??= start()
    secure = await started
  })
  after(async () => {
    suites -= 1
    if (suites === 0) await stop()
  })
  return () => present(secure)
}

// Mocha runs no hook of a suite without a chosen test, so with --grep the last suite may not stop the system.
after('stop the secure system', stop)

async function start(): Promise<SecureSystem> {
  const watch = watchProcesses()
  try {
    const system = await startTestSystem({ secure: true, consoles: 1, env: { LOG_LEVEL: 'info' } })
    return { system, security: present(system.security), watch }
  } catch (error) {
    await watch.stop()
    throw error
  }
}

async function stop(): Promise<void> {
  const running = await started?.catch(() => undefined)
  started = undefined
  await running?.watch.stop()
  await running?.system.stop()
}

/** Buys a ticket as a new customer, and returns the id of the payment. */
export async function buyTicket(system: TestSystem): Promise<string> {
  const ada = await newCustomer(system, { points: 1_000n })
  const payment = await ada.checkout(await ada.hold(await newConcert(system), ['A-1-1']))
  expect((await ada.settled(payment.paymentId, 60_000)).status).to.equal(PaymentStatus.COMPLETED)
  ada.close()
  return payment.paymentId
}

/** Runs a statement as a role, and returns `done` or the error. */
export function queryDatabase(
  { system, security }: SecureSystem,
  role: string,
  database: string,
  statement: string,
  more: Pick<Connection, 'parameters' | 'config'> = {},
): Promise<string> {
  return queryAs({ role, port: databasePort(system), database, ...more }, statement, security)
}

export function databasePort({ addresses }: TestSystem): number {
  return Number(new URL(addresses.adminDatabaseUrl).port)
}

/** Writes a file into the folder of the system, and returns its path. */
export async function writeInto({ dir }: TestSystem, name: string, text: string): Promise<string> {
  const target = path.join(dir, name)
  await writeFile(target, text)
  return target
}

export function randomPassword(): string {
  return randomBytes(16).toString('hex')
}

import { randomUUID } from 'node:crypto'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, type CommandResult, commandLineOf } from './support/command-line.ts'
import { type Customer, newConcert, newCustomer, present } from './support/customer.ts'
import { sendPoison } from './support/send-poison.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'
import { waitUntil } from './support/wait-until.ts'

describe('a dead letter', function () {
  this.timeout(240_000)
  let system: TestSystem
  let cli: CommandLine
  const customers: Customer[] = []
  before(async () => {
    system = await sharedSystem()
    cli = await commandLineOf(system)
  })
  afterEach(async () => {
    for (const customer of customers.splice(0)) customer.close()
    await expectBalancedBooks(system, 90_000)
    expect(await sql(system, 'point', 'SELECT 1 FROM parked_key')).to.deep.equal([])
  })

  it('parks its own key and no other, until it is discarded and the key is redriven', async () => {
    const [ada, bob, concert] = [await customer(), await customer(), await newConcert(system)]
    const letter = await poison(ada.userId)
    const held = await ada.checkout(await ada.hold(concert, ['A-1-1']))
    expect((await bob.buy(await bob.hold(concert, ['A-1-3']))).status).to.equal(PaymentStatus.COMPLETED)

    const list = await succeed(cli.run('dead-letters', 'list', '--key', ada.userId))
    expect(list.stdout).to.contain('UNDECODABLE').and.to.contain('KEY_PARKED')
    const shown = await succeed(cli.run('dead-letters', 'show', letter))
    expect(shown.stdout).to.contain('3 bytes that cannot be decoded').and.to.contain('PUT_ASIDE by point')
    expect((await cli.run('verify', '--wait', '0')).stdout).to.contain(
      `key ${ada.userId} of topic point-commands`,
    )

    const again = await cli.run('dead-letters', 'redrive', letter)
    expect(again.exitCode).to.equal(1)
    expect(again.stdout).to.match(/failed again +1\n/)
    const vague = await cli.run('dead-letters', 'discard', letter, '--reason', 'a test')
    expect(vague.exitCode).to.equal(1)
    expect(vague.stderr).to.contain('--outcome refused')
    await succeed(cli.run('dead-letters', 'discard', letter, '--reason', 'a test', '--outcome', 'refused'))
    const receipts = await json('dead-letters', 'redrive', '--consumer', 'point', '--key', ada.userId)
    expect(receipts[0]).to.include({ failed: '0', remaining: '0' })

    // The payment completes, unless its deadline passed during this test. Either way each point is accounted for.
    const { status } = await ada.settled(held.paymentId)
    expect(status).to.be.oneOf([PaymentStatus.COMPLETED, PaymentStatus.FAILED])
    const history = await json('dead-letters', 'show', letter)
    expect(history.history.map(({ action }: { action: string }) => action)).to.deep.equal([
      'DEAD_LETTER_ACTION_PUT_ASIDE',
      'DEAD_LETTER_ACTION_REDRIVE_FAILED',
      'DEAD_LETTER_ACTION_DISCARDED',
    ])
  })

  it('is redriven with all messages that wait behind it, exactly once, even if the service is killed meanwhile', async () => {
    const ada = await customer()
    const concert = await newConcert(system, 6, 50)
    const letter = await poison(ada.userId)
    const seats = Array.from({ length: 240 }, (_, nth) => `A-${Math.floor(nth / 50) + 1}-${(nth % 50) + 1}`)
    const payments: string[] = []
    for (let first = 0; first < seats.length; first += 20) {
      const accepted = await Promise.all(
        seats.slice(first, first + 20).map(async (seat) => ada.checkout(await ada.hold(concert, [seat]))),
      )
      payments.push(...accepted.map(({ paymentId }) => paymentId))
    }
    await waitUntil('all messages wait', async () => (await waiting(ada)) >= seats.length)
    await succeed(cli.run('dead-letters', 'discard', letter, '--reason', 'a test', '--outcome', 'refused'))

    const requestId = randomUUID()
    const redrive = (): Promise<CommandResult> =>
      cli.run(
        'dead-letters',
        'redrive',
        '--consumer',
        'point',
        '--key',
        ada.userId,
        '--request-id',
        requestId,
      )
    const interrupted = redrive()
    await waitUntil('the redrive has begun', async () => (await waiting(ada)) < seats.length || undefined)
    const point = present(system.processes.get('point'))
    point.kill('SIGKILL')
    await point.exited()
    await interrupted
    await point.start()
    await waitUntil('the redrive is done', async () => (await redrive()).exitCode === 0, {
      deadlineMs: 60_000,
    })

    for (const paymentId of payments) await ada.settled(paymentId, 90_000)
    const debits = await sql<{ debits: number }>(
      system,
      'point',
      `SELECT count(*)::int AS debits FROM ledger_entry WHERE user_id = $1 AND kind = 'DEBIT' GROUP BY payment_id
       HAVING count(*) > 1`,
      [ada.userId],
    )
    expect(debits).to.deep.equal([])
  })

  async function customer(): Promise<Customer> {
    const created = await newCustomer(system, { points: 100_000n })
    customers.push(created)
    return created
  }

  /** Makes point put a record of this user aside, ahead of the user's next messages; returns the dead letter's id. */
  async function poison(userId: string): Promise<string> {
    await sendPoison(system, userId)
    return await waitUntil('the dead letter', async () => {
      const [letter] = await json('dead-letters', 'list', '--consumer', 'point', '--key', userId)
      return letter?.deadLetterId
    })
  }

  async function waiting({ userId }: Customer): Promise<number> {
    const rows = await sql(
      system,
      'point',
      `SELECT 1 FROM dead_letter WHERE state = 'PUT_ASIDE' AND reason = 'KEY_PARKED' AND key = convert_to($1, 'UTF8')`,
      [userId],
    )
    return rows.length
  }

  async function json(...args: string[]) {
    return JSON.parse((await succeed(cli.run(...args, '-o', 'json'))).stdout)
  }
})

async function succeed(running: Promise<CommandResult>): Promise<CommandResult> {
  const ended = await running
  expect(ended.exitCode, ended.stderr).to.equal(0)
  return ended
}

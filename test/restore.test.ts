import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  FailureReason,
  type Payment,
  PaymentStatus,
  RefundState,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { type Backup, putBack, takeBackup } from './support/backup.ts'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, commandLineOf } from './support/command-line.ts'
import { type Customer, newConcert, newCustomer, present, seatPrice } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'
import { failuresOf, trafficDuring } from './support/traffic.ts'
import { waitUntil } from './support/wait-until.ts'

describe('a database that came back from an older backup', function () {
  this.timeout(240_000)
  let system: TestSystem
  let cli: CommandLine
  before(async () => {
    system = await sharedSystem()
    cli = await commandLineOf(system)
  })
  afterEach(() => expectBalancedBooks(system, 90_000))

  for (const service of ['point', 'reservation', 'payment'] as const) {
    it(`of ${service} is restored under traffic: what was answered since stands`, async () => {
      const life = await live(system)
      const backup = await takeBackup(system, service)
      const later = await life.goOn()
      let receipt: Receipt | undefined
      const payments = await trafficDuring(system, async () => {
        await sleep(1_000)
        await putBack(system, backup)
        receipt = await restore(backup)
      })
      expect(receipt?.restore).to.include({ phase: 'RESTORE_PHASE_DONE', factsContradicted: '0' })
      expect(Number(receipt?.restore.factsApplied)).to.be.greaterThan(5)
      expect(receipt?.replay.phase).to.equal('REPLAY_PHASE_DONE')
      const [late, others] = [payments.filter(isLate), payments.filter((payment) => !isLate(payment))]
      // Who waited longer than a payment may, has his points back: the books tell.
      expect(late.every(isSettled), 'points came back').to.equal(true)
      expect(failuresOf(others).join('\n')).to.equal('')
      expect(others.length, 'checkouts that went through').to.be.greaterThan(10)
      await later.expectUnchanged()
      life.end()
    })
  }

  it('is restored in the end, wherever the command and the replicas are killed', async () => {
    const life = await live(system)
    const backup = await takeBackup(system, 'reservation')
    const later = await life.goOn()
    await putBack(system, backup)
    for (const moment of [`phase = 'READING'`, 'facts > 0', `phase = 'APPLYING' OR facts_known > 0`]) {
      const { child, ended } = cli.start(commandFor(backup))
      await waitUntil(`a restore with ${moment}`, async () => {
        const rows = await sql(system, 'reservation', `SELECT FROM restore WHERE ${moment}`)
        return rows.length > 0
      })
      child.kill('SIGKILL')
      await Promise.all(['reservation', 'reservation-2'].map(killAndRestart))
      await ended
    }
    const receipt = await restore(backup)
    expect(receipt.restore).to.include({ phase: 'RESTORE_PHASE_DONE', factsContradicted: '0' })
    await later.expectUnchanged()
    life.end()
  })

  async function killAndRestart(name: string): Promise<void> {
    const process = present(system.processes.get(name))
    process.kill('SIGKILL')
    await process.exited()
    await process.start()
  }

  async function restore(backup: Backup): Promise<Receipt> {
    const ended = await cli.run(...commandFor(backup))
    expect(ended.exitCode, ended.stderr).to.equal(0)
    return JSON.parse(ended.stdout)
  }
})

/** The outage was longer than the payment's deadline, which is 15 s here. */
function isLate({ failureReason }: Payment): boolean {
  return failureReason === FailureReason.TIMED_OUT
}

function isSettled({ refund }: Payment): boolean {
  return refund === RefundState.DONE
}

function commandFor({ service, takenAt }: Backup): string[] {
  const from = new Date(takenAt.getTime() - 60_000).toISOString()
  return ['restore', '--service', service, '--from', from, '-o', 'json']
}

interface Receipt {
  readonly restore: Readonly<Record<string, unknown>>
  readonly replay: Readonly<Record<string, unknown>>
}

/** Somebody who does all that can be done, and remembers what was answered. */
async function live(system: TestSystem) {
  const organizer = await newCustomer(system, { roles: ['admin'] })
  const ada = await newCustomer(system, { points: seatPrice * 10n })
  const concert = await newConcert(system)
  const buy = async (seat: string) => ada.buy(await ada.hold(concert, [seat]))
  await buy('A-1-1')
  const heldBefore = await ada.hold(concert, ['A-1-2'])

  async function goOn() {
    const charge = { requestId: randomUUID(), amount: seatPrice * 5n }
    const hold = { requestId: randomUUID(), concertId: concert.concertId, seats: ['A-1-4', 'A-1-3'] }
    const created = {
      requestId: randomUUID(),
      title: 'Created since',
      startTime: { seconds: 4_000_000_000n },
      sections: [{ name: 'B', rows: 2, seatsPerRow: 3, price: seatPrice }],
    }
    await ada.points.chargePoints(charge)
    const held = present((await ada.reservations.holdSeats(hold)).reservation)
    const bought = await ada.buy(await ada.hold(concert, ['A-1-5']))
    const boughtAfterwards = await ada.buy(heldBefore)
    // Of a reservation that there is not.
    const nothing = { ...(await ada.hold(concert, ['A-1-6'])), reservationId: randomUUID() }
    const failed = await ada.buy(nothing)
    const release = {
      requestId: randomUUID(),
      reservationId: (await ada.hold(concert, ['A-1-7'])).reservationId,
    }
    await ada.reservations.releaseReservation(release)
    const concertSince = present((await organizer.reservations.createConcert(created)).concert)
    const answers = await answersOf(ada)

    return {
      async expectUnchanged(): Promise<void> {
        expect(await answersOf(ada)).to.deep.equal(answers)
        for (const payment of [bought, boughtAfterwards, failed]) {
          const { payment: now } = await ada.payments.getPayment({ paymentId: payment.paymentId })
          expect(now).to.include({ status: payment.status, sequence: payment.sequence, final: true })
        }
        expect([bought.status, failed.status]).to.deep.equal([PaymentStatus.COMPLETED, PaymentStatus.FAILED])
        // The same requests, and each has had its effect.
        await ada.points.chargePoints(charge)
        const again = present((await ada.reservations.holdSeats(hold)).reservation)
        expect(again.reservationId).to.equal(held.reservationId)
        await ada.reservations.releaseReservation(release)
        const { concert: concertAgain } = await organizer.reservations.createConcert(created)
        expect(concertAgain?.concertId).to.equal(concertSince.concertId)
        expect(await answersOf(ada)).to.deep.equal(answers)
      },
    }
  }

  return {
    goOn,
    end() {
      ada.close()
      organizer.close()
    },
  }
}

/** What somebody sees of the system, as text. */
async function answersOf(customer: Customer): Promise<unknown> {
  const { transactions } = await customer.points.listPointTransactions({})
  const { payments } = await customer.payments.listPayments({})
  return {
    balance: await customer.balance(),
    ledger: transactions.map(({ kind, amount, paymentId }) => `${kind} ${amount} ${paymentId}`).sort(),
    payments: payments.map(({ paymentId, status, failureReason, sequence, transitions }) => ({
      paymentId,
      status,
      failureReason,
      sequence,
      history: transitions.map((one) => `${one.sequence} ${one.status} ${one.refund} ${one.time?.seconds}`),
    })),
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { FailureReason, type Payment, RefundState } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { type Backup, putBack, takeBackup } from './support/backup.ts'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, commandLineOf } from './support/command-line.ts'
import { present } from './support/customer.ts'
import { live } from './support/live.ts'
import { commandFor, type Receipt } from './support/restore-command.ts'
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
    it(`of ${service} is restored under traffic, and every answer since the backup stays true`, async () => {
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
      // Payments that waited past their deadline have failed and are refunded; the balanced books confirm it.
      expect(late.every(isSettled), 'points came back').to.equal(true)
      expect(failuresOf(others).join('\n')).to.equal('')
      expect(others.length, 'checkouts that went through').to.be.greaterThan(10)
      await later.expectUnchanged()
      life.end()
    })
  }

  it('is restored in the end, at whatever moment the command and the replicas are killed', async () => {
    const life = await live(system)
    const backup = await takeBackup(system, 'reservation')
    const later = await life.goOn()
    await putBack(system, backup)
    const earlier = await sql<{ id: string }>(system, 'reservation', 'SELECT restore_id AS id FROM restore')
    for (const moment of [`phase = 'READING'`, 'facts > 0', `phase = 'APPLYING' OR facts_known > 0`]) {
      const { child, ended } = cli.start(commandFor(backup))
      await waitUntil(`a restore with ${moment}`, async () => {
        const select = `SELECT FROM restore WHERE restore_id <> ALL ($1) AND (${moment})`
        return (await sql(system, 'reservation', select, [earlier.map(({ id }) => id)])).length > 0
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

/** The outage was longer than the payment's deadline. */
function isLate({ failureReason }: Payment): boolean {
  return failureReason === FailureReason.TIMED_OUT
}

function isSettled({ refund }: Payment): boolean {
  return refund === RefundState.DONE
}

import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { deleteRecords } from '@boxoffice/common/testing/delete-records.ts'
import { topicRanges, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'
import { kafkaAdmin, kafkaAs } from '../scripts/platform/security.ts'
import { asAdmin } from './support/as-admin.ts'
import { outboxPublished, putBack, takeBackup } from './support/backup.ts'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, commandLineOf } from './support/command-line.ts'
import { present } from './support/customer.ts'
import { live } from './support/live.ts'
import { commandFor, type Receipt } from './support/restore-command.ts'
import type { TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'
import { startTestSystem } from './support/start-test-system.ts'

describe('a database of a secure system that came back from an older backup', function () {
  this.timeout(240_000)
  let system: TestSystem
  let cli: CommandLine
  before(async () => {
    system = await startTestSystem({ secure: true, env: { LOG_LEVEL: 'warn' } })
    cli = await commandLineOf(system)
  })
  after(() => system?.stop())

  for (const service of ['point', 'reservation', 'payment'] as const) {
    it(`of ${service} is restored by the role that may change no more than the service needs`, async () => {
      const [table] = await sql<{ owner: string; mayTruncate: boolean }>(
        system,
        service,
        `SELECT tableowner AS owner, has_table_privilege($1, 'inbox', 'TRUNCATE') AS "mayTruncate"
         FROM pg_tables WHERE tablename = 'inbox'`,
        [service],
      )
      expect(table).to.deep.equal({ owner: `${service}_owner`, mayTruncate: false })
      const life = await live(system)
      const backup = await takeBackup(system, service)
      const later = await life.goOn()
      await putBack(system, backup)
      const { exitCode, stdout, stderr } = await cli.run(...commandFor(backup))
      expect(exitCode, stderr).to.equal(0)
      const { restore, replay }: Receipt = JSON.parse(stdout)
      expect(restore).to.include({ phase: 'RESTORE_PHASE_DONE', factsContradicted: '0' })
      expect(Number(restore.factsApplied)).to.be.greaterThan(0)
      expect(replay.phase).to.equal('REPLAY_PHASE_DONE')
      await later.expectUnchanged()
      life.end()
      await expectBalancedBooks(system, 90_000)
    })
  }

  it('is not restored when records have left retention, unless the operator accepts that', async () => {
    const life = await live(system)
    await outboxPublished(system, 'point')
    await leaveRetention('point-events')
    const backup = await takeBackup(system, 'point')
    const later = await life.goOn()
    await putBack(system, backup)

    const refused = await cli.run(...commandFor(backup))
    expect(refused.exitCode).to.equal(1)
    expect(refused.stderr).to.match(/RECORDS_GONE.*have left retention: point-events\/\d+ \(\d+\)/s)
    const [{ held } = {}] = await asAdmin(system, async (admin) => {
      const { rows } = await admin.query<{ held: boolean }>(
        `SELECT EXISTS (SELECT FROM pg_db_role_setting
         WHERE setconfig @> '{default_transaction_read_only=on}') AS held`,
      )
      return rows
    })
    expect(held, 'the database stays closed').to.equal(true)

    const accepted = await cli.run(...commandFor(backup), '--accept-gone')
    expect(accepted.exitCode, accepted.stderr).to.equal(0)
    const { restore }: Receipt = JSON.parse(accepted.stdout)
    expect(restore).to.include({ phase: 'RESTORE_PHASE_DONE', factsContradicted: '0' })
    // The deleted records are older than the backup, which contains their effects: nothing is missing.
    await later.expectUnchanged()
    life.end()
    await expectBalancedBooks(system, 90_000)
  })

  /** Removes all records of a topic, as retention does. */
  async function leaveRetention(topic: string): Promise<void> {
    const { addresses, security } = system
    const kafka = createKafka({
      ...kafkaAs(kafkaAdmin, addresses.kafka.brokers, present(security).kafka),
      clientId: 'test',
    })
    const { ranges } = await withAdmin(kafka, (admin) => topicRanges(admin, topic))
    for (const [partition, { end }] of ranges) await deleteRecords(kafka, topic, [partition], Number(end))
  }
})

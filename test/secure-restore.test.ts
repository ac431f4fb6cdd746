import { expect } from 'chai'
import { putBack, takeBackup } from './support/backup.ts'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, commandLineOf } from './support/command-line.ts'
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
})

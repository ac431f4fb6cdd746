import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'chai'
import { expectBalancedBooks } from './support/books.ts'
import { type CommandLine, type CommandResult, commandLineOf } from './support/command-line.ts'
import { present } from './support/customer.ts'
import { sharedSystem, type TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'
import { failuresOf, trafficDuring } from './support/traffic.ts'
import { waitUntil } from './support/wait-until.ts'

const services = ['payment', 'point', 'reservation'] as const

describe('a replay of everything', function () {
  this.timeout(240_000)
  let system: TestSystem
  let cli: CommandLine
  /** Before the first record of this file's own traffic. */
  let since: string
  before(async () => {
    system = await sharedSystem()
    since = new Date().toISOString()
    cli = await commandLineOf(system)
    const payments = await trafficDuring(system, async () => {}, { checkoutsMin: 40 })
    expect(failuresOf(payments)).to.deep.equal([])
    await expectBalancedBooks(system)
  })
  afterEach(() => expectBalancedBooks(system, 90_000))

  it('changes nothing in any service', async () => {
    const before = await books()
    for (const consumer of services) {
      const plan = await json('replay', '--consumer', consumer, '--from', 'earliest', '--dry-run')
      const receipt = await json('replay', '--consumer', consumer, '--from', 'earliest', '--yes')
      expect(receipt.phase).to.equal('REPLAY_PHASE_DONE')
      expect(Number(receipt.reread)).to.equal(recordsIn(plan)).and.to.be.greaterThan(30)
      expect(receipt).to.include({ known: receipt.reread, effective: '0', putAside: '0' })
    }
    expect(await books()).to.deep.equal(before)
  })

  it('changes nothing even when the inboxes have lost their ids', async () => {
    const before = await books()
    for (const service of services) await sql(system, service, forgetHandled)
    for (const consumer of services) {
      const receipt = await json('replay', '--consumer', consumer, '--from', 'earliest', '--yes')
      expect(receipt.phase).to.equal('REPLAY_PHASE_DONE')
      expect(Number(receipt.effective)).to.be.greaterThan(30)
    }
    await expectBalancedBooks(system)
    expect(await books()).to.deep.equal(before)
  })

  it('goes on under traffic while replicas are killed, and has no effect', async () => {
    const replays: string[] = []
    const payments = await trafficDuring(system, async () => {
      const started = services.map(replayDespiteKills)
      await sleep(1_000)
      await Promise.all(services.map(killAndRestart))
      replays.push(...(await Promise.all(started)).map(({ replayId }) => replayId))
    })
    expect(failuresOf(payments)).to.deep.equal([])
    for (const replayId of replays) {
      const replay = await json('replay', 'get', replayId)
      expect(replay).to.include({ phase: 'REPLAY_PHASE_DONE', effective: '0', known: replay.reread })
    }
  })

  it('goes on after Ctrl-C, and is cancelled by its id', async () => {
    // This replica has half of the partitions, and keeps them until its session ends.
    const stopped = present(system.processes.get('payment-2'))
    stopped.kill('SIGSTOP')
    let running: string
    try {
      const { child, ended } = cli.start(['replay', '--consumer', 'payment', '--from', 'earliest', '--yes'])
      // Ask the database, which is faster than the command: only a few commands fit into a session.
      running = await waitUntil('the replay', async () => {
        const select = `SELECT replay_id::text AS id FROM replay WHERE phase = 'RUNNING'`
        const [replay] = await sql<{ id: string }>(system, 'payment', select)
        return replay?.id
      })
      child.kill('SIGINT')
      const [left, consumers, second] = await Promise.all([
        ended,
        json('consumers'),
        cli.run('replay', '--consumer', 'payment', '--from', 'earliest', '--yes'),
      ])
      const cancelled = await succeed(cli.run('replay', 'cancel', running))
      expect(consumers[0].runningReplayId).to.equal(running)
      expect(left.exitCode).to.equal(130)
      expect(left.stderr).to.contain(`npx boxoffice replay cancel ${running}`)
      expect(second.stderr).to.contain('Another replay of payment is running')
      expect(cancelled.stdout).to.contain('CANCELLED')
    } finally {
      stopped.kill('SIGCONT')
    }
    expect((await json('consumers'))[0].runningReplayId).to.equal('')
    expect((await succeed(cli.run('replay', 'watch', running))).stdout).to.contain('CANCELLED')
  })

  it('is refused with a reason and the next step', async () => {
    const future = ['--from', '2100-01-01']
    const refused = await cli.run('replay', '--consumer', 'point', ...future)
    expect(refused.exitCode).to.equal(1)
    expect(refused.stderr).to.contain('has not come yet').and.to.contain('next: npx boxoffice consumers')
    expect((await cli.run('replay', '--consumer', 'point', '--from', '1:2')).stderr).to.contain('--topic')
    expect((await cli.run('replay', '--consumer', 'point', '--from', 'tomorrow')).exitCode).to.equal(2)
    expect((await cli.run('replay', '--consumer', 'nobody', '--from', 'earliest')).exitCode).to.equal(2)
    const unknown = await cli.run('replay', 'get', '00000000-0000-4000-8000-000000000000')
    expect(unknown.exitCode).to.equal(1)
  })

  it('shows positions and lag, and what a replay would do, as tables', async () => {
    const consumers = await succeed(cli.run('consumers'))
    expect(consumers.stdout).to.match(/CONSUMER +TOPIC +PARTITION.*LAG/)
    for (const topic of ['point-commands', 'point-events', 'reservation-commands', 'reservation-events']) {
      expect(consumers.stdout).to.contain(topic)
    }
    const plan = await succeed(cli.run('replay', '--consumer', 'point', '--from', 'earliest', '--dry-run'))
    expect(plan.stdout)
      .to.match(/TOPIC.*TARGET.*GONE/)
      .and.to.contain('Nothing was changed.')
  })

  /**
   * Starts a replay of this file's own records, and tries again if the replica is killed before it answers: one
   * request id starts one replay. New records wait behind those of a replay: behind everything that earlier files have
   * left, checkouts would pass their deadline.
   */
  async function replayDespiteKills(consumer: string): Promise<{ readonly replayId: string }> {
    const args = ['replay', '--consumer', consumer, '--from', since, '--request-id', randomUUID()]
    return await waitUntil(`the replay of ${consumer}`, async () => {
      const { exitCode, stdout } = await cli.run(...args, '--yes', '-o', 'json')
      return exitCode === 0 && JSON.parse(stdout)
    })
  }

  async function json(...args: string[]) {
    return JSON.parse((await succeed(cli.run(...args, '-o', 'json'))).stdout)
  }

  async function succeed(running: Promise<CommandResult>): Promise<CommandResult> {
    const ended = await running
    expect(ended.exitCode, ended.stderr).to.equal(0)
    return ended
  }

  function recordsIn(plan: { readonly partitions: readonly { readonly records: string }[] }): number {
    return plan.partitions.reduce((sum, { records }) => sum + Number(records), 0)
  }

  /** The rows of all business tables, as text. */
  async function books(): Promise<Record<string, string[]>> {
    const found: Record<string, string[]> = {}
    for (const service of services) {
      for (const name of businessTables[service]) {
        const statement = `SELECT t::text AS row FROM ${name} AS t ORDER BY 1`
        found[name] = (await sql<{ row: string }>(system, service, statement)).map(({ row }) => row)
      }
    }
    return found
  }

  async function killAndRestart(name: string): Promise<void> {
    const process = present(system.processes.get(name))
    process.kill('SIGKILL')
    await process.exited()
    await process.start()
  }
})

const businessTables = {
  payment: ['payment', 'payment_transition'],
  point: ['wallet', 'debit', 'ledger_entry'],
  reservation: ['concert', 'reservation', 'seat', 'sale', 'confirmation'],
} as const

/** Deletes what the inbox remembers. The ids of dead letters are kept for ever. */
const forgetHandled = 'DELETE FROM inbox WHERE message_id NOT IN (SELECT message_id FROM dead_letter)'

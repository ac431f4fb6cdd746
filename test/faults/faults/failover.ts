import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '../../../scripts/platform/databases.ts'
import { asAdmin } from '../../support/as-admin.ts'
import { type Backup, putBack, takeBackup } from '../../support/backup.ts'
import type { Fault } from '../fault.ts'
import type { LostRow } from '../lost.ts'
import { relayProcessNames, serviceOf, type World } from '../world.ts'
import { restoreService } from './restore-service.ts'

/** How long a service goes on without its relays: what it commits in this time is not published. */
const unpublishedMs = [500, 2_500] as const

/**
 * A service's database comes back without its last commits, as after an asynchronous failover. Commits that no relay
 * had published are lost. The service is restored by the operator's command.
 *
 * The relays are stopped properly before, so that only the last commits are lost: a batch that was cut in the middle
 * could have published a debit without the charge that paid for it, which the restore would report as a contradiction.
 */
export const failover: Fault = {
  name: 'failover',
  targets: serviceNames,
  lastsMs: [0, 4_000],
  ground: () => 'postgres',
  alone: true,
  async inject(world, target, random) {
    const { system, committed, lost } = world
    const service = serviceOf(target)
    const relays = relayProcessNames.filter((name) => serviceOf(name) === service)
    await Promise.all([...system.processes.values()].map((process) => process.ready()))
    const backup = await takeBackup(system, service)
    return async () => {
      let rows: LostRow[] = []
      try {
        await Promise.all(relays.map((name) => world.process(name).stop()))
        await sleep(random.between(...unpublishedMs))
        await putBack(system, backup, async () => {
          await endSessions(world, service)
          await committed.readToEnd()
          rows = await lostRows(world, backup)
        })
        await committed.followRestored(service, new Set(rows.map(({ id }) => id)))
      } finally {
        await Promise.all(relays.map((name) => world.process(name).start()))
      }
      await restoreService(world, backup).finally(() => lost.add(rows))
    }
  },
}

/** Ends all sessions of a service: what a stopped replica has begun will not be committed any more. */
async function endSessions(world: World, service: ServiceName): Promise<void> {
  await asAdmin(world.system, (admin) =>
    admin.query('SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1', [service]),
  )
}

/** The rows that are in the outbox and not in the backup's outbox. */
async function lostRows(world: World, { service, database }: Backup): Promise<LostRow[]> {
  const rowsOf = (name: string) => asAdmin(world.system, (admin) => admin.query<Columns>(selectRows), name)
  const [{ rows }, kept] = await Promise.all([rowsOf(service), rowsOf(database)])
  const keptIds = new Set(kept.rows.map(({ id }) => id))
  return rows.filter(({ id }) => !keptIds.has(id)).map((row) => ({ ...row, id: BigInt(row.id) }))
}

type Columns = Omit<LostRow, 'id'> & { readonly id: string }

const selectRows = 'SELECT id::text, topic, type, payload FROM outbox ORDER BY id'

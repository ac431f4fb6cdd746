import { serviceNames } from '../../../scripts/platform/databases.ts'
import { putBack, takeBackup } from '../../support/backup.ts'
import { commandLineOf } from '../../support/command-line.ts'
import type { Fault } from '../fault.ts'
import { serviceOf, type World } from '../world.ts'

/** Records are found by their time, and their relays' clocks may be wrong. */
const marginMs = 60_000
const restoreMsMax = 60_000

/**
 * A service's database is a few seconds older than it was, as after a failover without the last commits, or a backup that was
 * put back; the service is restored by the operator's command. What it had committed was published: what was only answered
 * would be lost with any database.
 */
export const restoreBackup: Fault = {
  name: 'restore-backup',
  targets: serviceNames,
  lastsMs: [1_000, 10_000],
  ground: () => 'postgres',
  alone: true,
  async inject(world, target) {
    const { system, committed } = world
    const service = serviceOf(target)
    await Promise.all([...system.processes.values()].map((process) => process.ready()))
    const backup = await takeBackup(system, service)
    return async () => {
      await putBack(system, backup, () => committed.readToEnd())
      await committed.beginAnew(service)
      await restore(world, service, new Date(backup.takenAt.getTime() - marginMs))
    }
  },
}

async function restore({ system }: World, service: string, from: Date): Promise<void> {
  const cli = await commandLineOf(system)
  const { child, ended } = cli.start(['restore', '--service', service, '--from', from.toISOString()])
  const timer = setTimeout(() => child.kill('SIGKILL'), restoreMsMax)
  const { exitCode, stdout, stderr } = await ended
  clearTimeout(timer)
  if (exitCode !== 0) throw new Error(`restore of ${service} ended with ${exitCode}: ${stderr}${stdout}`)
}

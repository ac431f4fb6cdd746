import type { Backup } from '../../support/backup.ts'
import { commandLineOf } from '../../support/command-line.ts'
import type { World } from '../world.ts'

/** The restore finds records by their time, and the relays that wrote it may have wrong clocks. */
const marginMs = 60_000
const restoreMsMax = 60_000

/**
 * Restores a service with the operator's command after its database came back from a backup. @throws Error if that
 * fails
 */
export async function restoreService({ system }: World, { service, takenAt }: Backup): Promise<void> {
  const cli = await commandLineOf(system)
  const from = new Date(takenAt.getTime() - marginMs).toISOString()
  const { child, ended } = cli.start(['restore', '--service', service, '--from', from])
  const timer = setTimeout(() => child.kill('SIGKILL'), restoreMsMax)
  const { exitCode, stdout, stderr } = await ended
  clearTimeout(timer)
  if (exitCode !== 0) throw new Error(`restore of ${service} ended with ${exitCode}: ${stderr}${stdout}`)
}

import { setTimeout as sleep } from 'node:timers/promises'
import { sql } from '../support/sql.ts'
import type { World } from './world.ts'

/** The time in which a payment must be final once everything is healed: invariant 3. */
export const finalMsMax = 60_000

const pollMs = 250

/**
 * Waits until every payment that has been accepted by now is final, and returns how long that took, in milliseconds;
 * undefined if it takes more than {@link finalMsMax}. "By now" is by the database's clock: those of the processes may
 * be wrong.
 */
export async function timeUntilFinal(world: World): Promise<number | undefined> {
  const startedMs = performance.now()
  const [now] = await sql<{ now: string }>(world.system, 'payment', 'SELECT clock_timestamp()::text AS now')
  for (;;) {
    const [open] = await sql<{ payments: number }>(world.system, 'payment', countOpen, [now?.now])
    const tookMs = performance.now() - startedMs
    if (open?.payments === 0) return Math.round(tookMs)
    if (tookMs > finalMsMax) return undefined
    await sleep(pollMs)
  }
}

const countOpen = `
  SELECT count(*)::int AS payments FROM payment
  WHERE created_at <= $1 AND (status IN ('PENDING', 'PROCESSING') OR refund = 'PENDING')`

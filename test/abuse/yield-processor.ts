import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** A third of what another process gets when both want it. With less, an attack hardly begins on a machine that is busy. */
const priority = 5

/**
 * Leaves the processor to all others, as far as they want it: the machine of an attacker is not ours. Where Linux shares the
 * processor by session (sched_autogroup), a priority counts within a session only, so the session gets it as well; the process
 * has to lead one of its own (`detached`).
 */
export function yieldProcessor(): void {
  setPriority(priority)
  try {
    writeFileSync('/proc/self/autogroup', String(priority))
  } catch {
    // No Linux, or one that does not share by session: the priority of the process is enough.
  }
}

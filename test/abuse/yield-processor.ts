import { writeFileSync } from 'node:fs'
import { setPriority } from 'node:os'

/** Gives a third of the CPU time of a normal process. With less, an attack hardly begins on a busy machine. */
const priority = 5

/**
 * Lowers this process's CPU priority: a real attacker has a machine of its own. Where Linux shares the CPU by session
 * (sched_autogroup), a process priority counts only within its session. So the session gets the lower priority as
 * well, and the process has to be the leader of a session of its own (`detached`).
 */
export function yieldProcessor(): void {
  setPriority(priority)
  try {
    writeFileSync('/proc/self/autogroup', String(priority))
  } catch {
    // Not Linux, or a Linux that does not share the CPU by session: the priority of the process is enough.
  }
}

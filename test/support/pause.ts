import type { TestSystem } from './shared-system.ts'

/** Pauses a process and its replica while `during` runs, as if their machine hung. */
export async function whilePaused<T>(system: TestSystem, name: string, during: () => Promise<T>): Promise<T> {
  const replicas = [name, `${name}-2`].flatMap((replica) => system.processes.get(replica) ?? [])
  for (const replica of replicas) replica.kill('SIGSTOP')
  try {
    return await during()
  } finally {
    for (const replica of replicas) replica.kill('SIGCONT')
  }
}

/**
 * While `during` runs, payment receives no events from reservation. So it accepts any checkout of a reservation that
 * is held or released in this time, and reservation refuses the wrong ones afterwards.
 */
export function whileUnheard<T>(system: TestSystem, during: () => Promise<T>): Promise<T> {
  return whilePaused(system, 'relay-reservation', during)
}

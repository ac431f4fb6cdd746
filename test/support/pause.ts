import type { TestSystem } from './shared-system.ts'

/** Stops processes and their replicas, as a machine that hangs would, while `during` runs. */
export async function whilePaused<T>(system: TestSystem, name: string, during: () => Promise<T>): Promise<T> {
  const replicas = [name, `${name}-2`].flatMap((one) => system.processes.get(one) ?? [])
  for (const replica of replicas) replica.kill('SIGSTOP')
  try {
    return await during()
  } finally {
    for (const replica of replicas) replica.kill('SIGCONT')
  }
}

/**
 * While `during` runs, payment hears nothing of reservation: it accepts checkouts of what is held or given back meanwhile,
 * whatever is wrong with them, and reservation refuses them afterwards.
 */
export function whileUnheard<T>(system: TestSystem, during: () => Promise<T>): Promise<T> {
  return whilePaused(system, 'relay-reservation', during)
}

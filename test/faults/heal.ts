import { revive } from './faults/revive.ts'
import type { World } from './world.ts'

/**
 * Ends every fault: restores connections and clocks, resumes paused processes, starts dead ones. Returns when all are
 * ready.
 *
 * @throws StartError with the last log lines of a process that does not become ready
 */
export async function healEverything(world: World): Promise<void> {
  world.healSurroundings()
  const names = [...world.system.processes.keys()]
  for (const name of names) world.process(name).kill('SIGCONT')
  await Promise.all(names.map((name) => revive(world, name)))
  // Wait for all of them first, so that no process is still starting after an error.
  const ready = await Promise.allSettled(names.map((name) => world.process(name).ready()))
  const failure = ready.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}

/**
 * Restarts every process that ends unexpectedly, as a container platform does. `ended` collects the processes that
 * ended without being killed, each in a sentence.
 */
export function restartEndedProcesses(world: World): { readonly ended: string[]; stop(): void } {
  const ended: string[] = []
  const unsubscribers: (() => void)[] = []
  for (const [name, process] of world.system.processes) {
    const onExit = (
      { code, signal }: { code: number | null; signal: string | null },
      { expected }: { expected: boolean },
    ): void => {
      if (expected) return
      // A crash point ends its process with SIGKILL. With any other end, the process has ended itself.
      if (signal !== 'SIGKILL') ended.push(`${name} ended by itself with ${signal ?? `exit code ${code}`}`)
      setTimeout(() => revive(world, name).catch(() => {}), restartMs)
    }
    process.on('exit', onExit)
    unsubscribers.push(() => process.off('exit', onExit))
  }
  return {
    ended,
    stop() {
      for (const unsubscribe of unsubscribers) unsubscribe()
    },
  }
}

const restartMs = 500

import { revive } from './faults/revive.ts'
import type { World } from './world.ts'

/**
 * Ends every fault: connections flow, clocks are right, whoever was paused goes on, whoever is dead lives. Returns when all are ready.
 *
 * @throws StartError with the last lines of a process that does not become ready
 */
export async function healEverything(world: World): Promise<void> {
  world.healSurroundings()
  const names = [...world.system.processes.keys()]
  for (const name of names) world.process(name).kill('SIGCONT')
  await Promise.all(names.map((name) => revive(world, name)))
  // Settled first, so that nothing is still starting behind an error.
  const ready = await Promise.allSettled(names.map((name) => world.process(name).ready()))
  const failure = ready.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
}

/** Starts again whatever ends by itself, as a container platform does; returns what undoes it, and who ended how. */
export function reviveWhoeverEnds(world: World): { readonly ended: string[]; stop(): void } {
  const ended: string[] = []
  const undo: (() => void)[] = []
  for (const [name, process] of world.system.processes) {
    const onExit = (
      { code, signal }: { code: number | null; signal: string | null },
      { expected }: { expected: boolean },
    ): void => {
      if (expected) return
      // A crash point ends its process with SIGKILL; any other end is the process's own idea.
      if (signal !== 'SIGKILL') ended.push(`${name} ended by itself with ${signal ?? `exit code ${code}`}`)
      setTimeout(() => revive(world, name).catch(() => {}), restartMs)
    }
    process.on('exit', onExit)
    undo.push(() => process.off('exit', onExit))
  }
  return {
    ended,
    stop() {
      for (const one of undo) one()
    },
  }
}

const restartMs = 500

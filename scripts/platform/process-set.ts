import type { ManagedProcess } from './process.ts'

/** The stage of brokers and PostgreSQL, which are ended last. */
export const serverStage = 2

/** The processes of one system, which end in stages: services, then relays, then brokers and PostgreSQL. */
export class ProcessSet {
  readonly #byName = new Map<string, ManagedProcess>()
  #stopped = false

  get byName(): ReadonlyMap<string, ManagedProcess> {
    return this.#byName
  }

  /** Adds a process. Throws once the set is stopped, which ends a start that is in progress. */
  add(process: ManagedProcess): ManagedProcess {
    if (this.#stopped) throw new Error('the system is being stopped')
    this.#byName.set(process.name, process)
    return process
  }

  async stop(): Promise<void> {
    this.#stopped = true
    const processes = [...this.#byName.values()]
    const stages = new Set(processes.map((process) => process.spec.stage))
    for (const stage of [...stages].sort((a, b) => a - b)) {
      await Promise.all(
        processes.filter((process) => process.spec.stage === stage).map((process) => end(process)),
      )
    }
  }
}

async function end(process: ManagedProcess): Promise<void> {
  // Servers whose data is deleted need no checkpoint and no change of leaders, which take seconds.
  if (process.spec.disposable && process.spec.stage === serverStage) process.kill('SIGKILL')
  await process.stop()
}

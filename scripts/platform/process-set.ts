import type { ManagedProcess } from './process.ts'

/** Of brokers and PostgreSQL, which are ended last. */
export const serverStage = 2

/** The processes of one system, which end in stages: services, then relays, then brokers and PostgreSQL. */
export class ProcessSet {
  readonly #byName = new Map<string, ManagedProcess>()
  #stopped = false

  get byName(): ReadonlyMap<string, ManagedProcess> {
    return this.#byName
  }

  /** Throws once the set was stopped: a start that is under way then comes to its end. */
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
  // Servers whose data is thrown away need no checkpoint and no hand-over of leaders, which take seconds.
  if (process.spec.disposable && process.spec.stage === serverStage) process.kill('SIGKILL')
  await process.stop()
}

import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { orderGuard } from './guard.ts'
import { lastLogLines, logLength } from './log-file.ts'

export interface ProcessSpec {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  /** The whole environment of the process; that of this process if left out. */
  readonly env?: NodeJS.ProcessEnv
  readonly cwd?: string
  readonly uid?: number
  readonly gid?: number
  /**
   * The file to which the output is appended. The process writes it directly, so that it outlives this one without a
   * broken pipe.
   */
  readonly logFile: string
  readonly stopSignal: NodeJS.Signals
  /** The time that a stop may take before SIGKILL, in milliseconds. */
  readonly stopTimeoutMs: number
  /** If this process dies without stopping them, the guard ends processes of lower stages first. */
  readonly stage: number
  /** If this process dies, the guard sends SIGKILL at once: the folder is deleted, so no orderly end is needed. */
  readonly disposable?: boolean
  readonly readyTimeoutMs: number
  /** Called again and again after the start. `logFrom` is the length of the log before the start. */
  isReady(logFrom: number): Promise<boolean>
}

export interface Exit {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

/** A process did not start, or did not become ready. The message has its last lines. */
export class StartError extends Error {
  override readonly name = 'StartError'
}

/**
 * One operating-system process that can be started, stopped, killed and started again with the same specification.
 * Supervisor and fault tests work with it. Emits `exit` each time that the process ends, with `expected`: whether stop
 * or kill was called here.
 */
export class ManagedProcess extends EventEmitter<{ exit: [Exit, { expected: boolean }] }> {
  readonly spec: ProcessSpec
  #child: ChildProcess | undefined
  #expected = false
  #logFrom = 0

  constructor(spec: ProcessSpec) {
    super()
    this.spec = spec
  }

  get name(): string {
    return this.spec.name
  }

  /** Undefined while the process is not running. */
  get pid(): number | undefined {
    return this.#child?.pid
  }

  get stopped(): boolean {
    return this.#child === undefined
  }

  /**
   * Starts the process and waits until it is ready. Throws StartError; then nothing is left running.
   *
   * @param env - variables that override those of the specification, for this run
   */
  async start(env?: NodeJS.ProcessEnv): Promise<void> {
    await this.launch(env)
    await this.ready()
  }

  /** Starts the process without waiting until it is ready. */
  async launch(env?: NodeJS.ProcessEnv): Promise<void> {
    if (this.#child) throw new Error(`${this.name} is running already`)
    const { spec } = this
    mkdirSync(path.dirname(spec.logFile), { recursive: true })
    this.#logFrom = await logLength(spec.logFile)
    const log = openSync(spec.logFile, 'a')
    const child = spawn(spec.command, spec.args, {
      // A process group of its own: Ctrl-C in the terminal reaches only this process, which stops the others in order.
      detached: true,
      stdio: ['ignore', log, log],
      env: { ...(spec.env ?? process.env), ...env },
      ...(spec.cwd === undefined ? {} : { cwd: spec.cwd }),
      ...(spec.uid === undefined ? {} : { uid: spec.uid }),
      ...(spec.gid === undefined ? {} : { gid: spec.gid }),
    })
    closeSync(log)
    this.#expected = false
    const spawned = once(child, 'spawn')
    child.once('exit', (code, signal) => this.#onExit(child, { code, signal }))
    await spawned.catch((cause) => {
      throw new StartError(`${this.name} did not start: ${spec.command}: ${cause.message}`, { cause })
    })
    if (child.exitCode !== null || child.signalCode !== null) return
    this.#child = child
    if (child.pid === undefined) return
    orderGuard({
      watch: {
        pid: child.pid,
        stage: spec.stage,
        signal: spec.disposable ? 'SIGKILL' : spec.stopSignal,
        graceMs: spec.disposable ? 2_000 : spec.stopTimeoutMs,
      },
    })
  }

  /** Waits until the launched process is ready. Throws StartError if it ends first or takes too long. */
  async ready(): Promise<void> {
    const { spec } = this
    const deadline = Date.now() + spec.readyTimeoutMs
    while (this.#child) {
      if (await spec.isReady(this.#logFrom)) return
      if (Date.now() > deadline) {
        await this.stop()
        throw await this.#startError(`was not ready within ${spec.readyTimeoutMs / 1000} s`)
      }
      await delay(100)
    }
    throw await this.#startError('ended before it was ready')
  }

  /** Asks the process to stop, waits, and kills it after the time of the specification. */
  async stop(): Promise<void> {
    const child = this.#child
    if (!child) return
    this.kill(this.spec.stopSignal)
    // A process that a fault test has stopped with SIGSTOP would never see the signal.
    this.kill('SIGCONT')
    const timer = setTimeout(() => this.kill('SIGKILL'), this.spec.stopTimeoutMs)
    await this.exited()
    clearTimeout(timer)
  }

  /** Sends a signal to the process group. Does nothing if the process is not running. */
  kill(signal: NodeJS.Signals): void {
    const pid = this.pid
    if (pid === undefined) return
    if (signal !== 'SIGSTOP' && signal !== 'SIGCONT') this.#expected = true
    try {
      process.kill(-pid, signal)
    } catch {
      // The process has just ended by itself; its exit event follows.
    }
  }

  /** Resolves when the process is not running. */
  async exited(): Promise<void> {
    if (this.#child) await new Promise<void>((resolve) => this.once('exit', () => resolve()))
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  /** The last lines that the process wrote since it was started. */
  async lastLines(count?: number): Promise<string[]> {
    return await lastLogLines(this.spec.logFile, this.#logFrom, count)
  }

  #onExit(child: ChildProcess, exit: Exit): void {
    if (this.#child !== child) return
    this.#child = undefined
    if (child.pid !== undefined) orderGuard({ forget: child.pid })
    this.emit('exit', exit, { expected: this.#expected })
  }

  async #startError(what: string): Promise<StartError> {
    const lines = await this.lastLines()
    return new StartError(
      `${this.name} ${what}. Its last lines (${this.spec.logFile}):\n  ${lines.join('\n  ')}`,
    )
  }
}

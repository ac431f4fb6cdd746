import type { AuthFiles } from '../platform/auth.ts'
import { readRunFile } from '../platform/run-file.ts'
import type { System, SystemOptions } from '../platform/system.ts'
import { startTemporarySystem } from '../platform/temporary-system.ts'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'

/** A running system, started by the benchmark or attached. */
export interface SystemUnderTest {
  readonly addresses: System['addresses']
  readonly auth: AuthFiles
  readonly processes: readonly MeasuredProcess[]
  /** Stops what the benchmark started; an attached system continues to run. */
  stop(): Promise<void>
}

export interface MeasuredProcess {
  readonly name: string
  readonly pid: number
  /** True for our Node processes; false for brokers and PostgreSQL. */
  readonly isNode: boolean
  readonly logFile: string
}

/** Starts an empty system on free ports, in a folder that is removed with it. The options can change that. */
export async function startOwnSystem(
  progress: Progress,
  signal: AbortSignal,
  { env, ...options }: Partial<SystemOptions> = {},
): Promise<SystemUnderTest> {
  const system = await startTemporarySystem({
    ...options,
    signal,
    onStep: progress.step,
    env: {
      ...env,
      LOG_LEVEL: 'warn',
      // Holds are made at the beginning and bought at the end.
      HOLD_DURATION_MS: '3600000',
      // A profile opens the inspector; with port 0 several processes can have it open at the same time.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --inspect-port=0`,
    },
  })
  return underTest(system)
}

/** Turns a system that was started here into a system under test. */
export function underTest({ addresses, auth, processes, stop }: System): SystemUnderTest {
  const running = [...processes.values()].map(({ name, pid, spec }) => measured(name, pid, spec.logFile))
  return { addresses, auth, processes: running.filter((process) => process !== undefined), stop }
}

/** Attaches to the system that `npm start` runs in this checkout. */
export async function attachToRunning(): Promise<SystemUnderTest> {
  const run = await readRunFile(process.env.BOXOFFICE_DIR || undefined)
  if (!run) throw new BenchError('Nothing runs in this checkout: `npm start` first, or leave --attach out.')
  const processes = Object.entries(run.processes).map(([name, { pid, logFile }]) =>
    measured(name, pid, logFile),
  )
  return {
    addresses: run,
    auth: run.auth,
    processes: processes.filter((process) => process !== undefined),
    stop: async () => {},
  }
}

function measured(
  name: string,
  pid: number | null | undefined,
  logFile: string,
): MeasuredProcess | undefined {
  return pid ? { name, pid, logFile, isNode: isNode(name) } : undefined
}

function isNode(name: string): boolean {
  return name !== 'postgres' && !name.startsWith('kafka-')
}

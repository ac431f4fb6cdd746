import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand } from '../command.ts'
import { orderGuard } from '../platform/guard.ts'
import { cacheDir } from '../platform/paths.ts'
import { type PortShare, portShareEnv } from '../platform/ports.ts'
import { judgeRun, readMarks, type Tally } from './tally.ts'

export interface MochaRun {
  /** Globs or files, relative to the repository's root. */
  readonly specs: readonly string[]
  /** Whether Kafka and PostgreSQL are started for it. */
  readonly platform: boolean
  /** More arguments for mocha. */
  readonly args?: readonly string[]
  readonly signal?: AbortSignal
  /** Whether mocha's output is shown; true if left out. */
  readonly stream?: boolean
  /** The ports for its servers, if other runs take place beside it. */
  readonly ports?: PortShare | undefined
  /** Receives mocha's output instead. */
  readonly write?: ((chunk: Buffer | string) => void) | undefined
}

/** The time within which the guard ends the platform of a killed mocha. */
const guardTimeoutMs = 20_000

/**
 * Runs mocha in a process and a temporary folder of its own, and returns the tally. The folder is removed afterwards,
 * with everything that tests left there.
 */
export async function runMocha({
  specs,
  platform,
  args = [],
  signal,
  stream = true,
  ports,
  write,
}: MochaRun): Promise<Tally & { readonly output: string }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-test-'))
  orderGuard({ removeAtEnd: dir })
  // PostgreSQL runs as another user under root, and has to enter the folder.
  await chmod(dir, 0o755)
  const marks = path.join(dir, 'tally')
  const say = write ?? (stream ? (text: string) => process.stderr.write(text) : () => undefined)
  const reporter = path.join(import.meta.dirname, 'tally-reporter.ts')
  try {
    const { exitCode, output } = await runCommand(
      'mocha',
      [
        ...['--reporter', reporter, '--reporter-option', `tally=${marks}`],
        // Mocha writes to a pipe, although a terminal is behind it.
        ...(write !== undefined && process.stdout.isTTY ? ['--color'] : []),
        ...args,
        ...specs,
      ],
      {
        env: environment(dir, platform, ports),
        stream: stream && write === undefined,
        onOutput: write,
        signal,
      },
    )
    const { crash, ...tally } = judgeRun(await readMarks(marks), exitCode)
    if (crash) {
      if (!signal?.aborted) say(`${crash}\n`)
      await platformEnd(dir)
    }
    return { ...tally, output: crash ? `${output}\n${crash}` : output }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    orderGuard({ keep: dir })
  }
}

function environment(dir: string, platform: boolean, ports: PortShare | undefined): NodeJS.ProcessEnv {
  const { BOXOFFICE_TEST_PLATFORM: _, ...env } = process.env
  return {
    ...env,
    TMPDIR: dir,
    // Also for every Node process that a test starts: the command line takes half the CPU with it.
    NODE_COMPILE_CACHE: path.join(cacheDir, 'node'),
    ...(ports ? portShareEnv(ports) : {}),
    ...(platform ? {} : { BOXOFFICE_TEST_PLATFORM: 'none' }),
  }
}

/** Waits for the end of the platform: the guard removes its folder last. */
async function platformEnd(dir: string): Promise<void> {
  const deadline = Date.now() + guardTimeoutMs
  while ((await readdir(dir)).some((name) => name.startsWith('boxoffice-')) && Date.now() < deadline) {
    await delay(50)
  }
}

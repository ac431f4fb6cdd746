import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand } from '../command.ts'
import { orderGuard } from '../platform/guard.ts'
import { cacheDir } from '../platform/paths.ts'
import { judgeRun, readMarks, type Tally } from './tally.ts'

export interface MochaRun {
  /** Globs or files, from the repository's root. */
  readonly specs: readonly string[]
  /** Whether Kafka and PostgreSQL are started for it. */
  readonly platform: boolean
  /** More arguments for mocha. */
  readonly args?: readonly string[]
  readonly signal?: AbortSignal
  /** Shows what mocha writes; true when left out. */
  readonly stream?: boolean
  /** Gets what mocha writes, instead. */
  readonly write?: ((chunk: Buffer | string) => void) | undefined
}

/** A platform whose mocha was killed is ended by its guard within this time. */
const guardTimeoutMs = 20_000

/**
 * Runs mocha in a process of its own with a temporary folder of its own, and says what passed, failed and was skipped. The
 * folder goes with it, with everything that tests left there.
 */
export async function runMocha({
  specs,
  platform,
  args = [],
  signal,
  stream = true,
  write,
}: MochaRun): Promise<Tally & { readonly output: string }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-test-'))
  orderGuard({ removeAtEnd: dir })
  // PostgreSQL, run by root, is another user and has to pass through.
  await chmod(dir, 0o755)
  const marks = path.join(dir, 'tally')
  const say = write ?? (stream ? (text: string) => process.stderr.write(text) : () => undefined)
  const reporter = path.join(import.meta.dirname, 'tally-reporter.ts')
  try {
    const { exitCode, output } = await runCommand(
      'mocha',
      [
        ...['--reporter', reporter, '--reporter-option', `tally=${marks}`],
        // Mocha sees a pipe where a terminal is behind it.
        ...(write !== undefined && process.stdout.isTTY ? ['--color'] : []),
        ...args,
        ...specs,
      ],
      { env: environment(dir, platform), stream: stream && write === undefined, onOutput: write, signal },
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

function environment(dir: string, platform: boolean): NodeJS.ProcessEnv {
  const { BOXOFFICE_TEST_PLATFORM: _, ...env } = process.env
  return {
    ...env,
    TMPDIR: dir,
    // For every Node that a test starts as well: the command line's takes half the CPU with it.
    NODE_COMPILE_CACHE: path.join(cacheDir, 'node'),
    ...(platform ? {} : { BOXOFFICE_TEST_PLATFORM: 'none' }),
  }
}

/** The guard removes the platform's folder as the last thing it does. */
async function platformEnd(dir: string): Promise<void> {
  const deadline = Date.now() + guardTimeoutMs
  while ((await readdir(dir)).some((name) => name.startsWith('boxoffice-')) && Date.now() < deadline) {
    await delay(50)
  }
}

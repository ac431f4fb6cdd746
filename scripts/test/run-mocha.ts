import { chmod, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { runCommand } from '../command.ts'
import { tellGuard } from '../platform/guard.ts'
import { cacheDir } from '../platform/paths.ts'
import { judgeRun, readMarks, type Tally } from './tally.ts'

export interface MochaRun {
  /** Globs or files, from the repository's root. */
  readonly specs: readonly string[]
  readonly ignore?: readonly string[]
  /** Whether Kafka and PostgreSQL are started for it. */
  readonly platform: boolean
  /** More arguments for mocha. */
  readonly args?: readonly string[]
  readonly signal?: AbortSignal
  /** Shows what mocha writes; true when left out. */
  readonly stream?: boolean
}

/** A platform whose mocha was killed is ended by its guard within this time. */
const guardTimeoutMs = 20_000

/**
 * Runs mocha in a process of its own with a temporary folder of its own, and says what passed, failed and was skipped. The
 * folder goes with it, with everything that tests left there.
 */
export async function runMocha({
  specs,
  ignore = [],
  platform,
  args = [],
  signal,
  stream = true,
}: MochaRun): Promise<Tally & { readonly output: string }> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-test-'))
  tellGuard({ removeAtEnd: dir })
  // PostgreSQL, run by root, is another user and has to pass through.
  await chmod(dir, 0o755)
  const marks = path.join(dir, 'tally')
  const reporter = path.join(import.meta.dirname, 'tally-reporter.ts')
  try {
    const { exitCode, output } = await runCommand(
      'mocha',
      [
        ...['--reporter', reporter, '--reporter-option', `tally=${marks}`],
        ...ignore.flatMap((glob) => ['--ignore', glob]),
        ...args,
        ...specs,
      ],
      { env: environment(dir, platform), stream, signal },
    )
    const { crash, ...tally } = judgeRun(await readMarks(marks), exitCode)
    if (crash) {
      if (stream && !signal?.aborted) console.error(crash)
      await platformEnd(dir)
    }
    return { ...tally, output: crash ? `${output}\n${crash}` : output }
  } finally {
    await rm(dir, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })
    tellGuard({ keep: dir })
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

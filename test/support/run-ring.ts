import { parseArgs } from 'node:util'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { runMocha } from '../../scripts/test/run-mocha.ts'
import { closingLine } from '../../scripts/test/tally.ts'

/** A command that runs a group of tests which need more than this checkout. */
export interface Ring {
  /** The text of `--help`. */
  readonly help: string
  /** A glob, relative to the repository's root. */
  readonly specs: string
  /**
   * The ring's own options, and the environment variable that passes each to the tests. A switch sets it to `true`.
   */
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly env: string }>>
}

/** Runs a ring with the arguments of the command line, and prints the counts. Every ring takes --grep and --bail. */
export async function runRing({ help, specs, options }: Ring): Promise<void> {
  const { values } = parseArgs({
    options: {
      ...options,
      help: { type: 'boolean', short: 'h' },
      grep: { type: 'string' },
      bail: { type: 'boolean' },
    },
  })
  if (values.help) {
    console.log(help)
    return
  }
  for (const [name, { env }] of Object.entries(options)) {
    const value = (values as Readonly<Record<string, string | boolean | undefined>>)[name]
    if (value !== undefined) process.env[env] = String(value)
  }
  const tally = await runMocha({
    specs: [specs],
    platform: false,
    args: [...(values.grep ? ['--grep', values.grep] : []), ...(values.bail ? ['--bail'] : [])],
    signal: abortOnSignal(),
  })
  console.log(`\n${closingLine(tally)}`)
  if (tally.failed > 0 || tally.passed === 0) process.exitCode ||= 1
}

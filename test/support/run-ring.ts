import { parseArgs } from 'node:util'
import { abortOnSignal } from '../../scripts/interrupt.ts'
import { runMocha } from '../../scripts/test/run-mocha.ts'
import { closingLine } from '../../scripts/test/tally.ts'

/** A ring of tests that needs more than this checkout, as one command. */
export interface Ring {
  /** What `--help` prints. */
  readonly help: string
  /** A glob, from the repository's root. */
  readonly specs: string
  /** Its own options: the variable that tells the tests. A switch sets it to `true`; without it, it stays as it was. */
  readonly options: Readonly<Record<string, { readonly type: 'string' | 'boolean'; readonly env: string }>>
}

/** Runs a ring as its command's arguments say, and prints what passed, failed and was skipped. Every ring takes --grep and --bail. */
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

import { styleText } from 'node:util'
import { CommanderError } from 'commander'
import { endWithoutReader } from './end-without-reader.ts'
import { explain } from './explain.ts'
import type { Failure } from './failure.ts'
import { createProgram } from './program.ts'
import { OutcomeUnknown } from './repeatable.ts'

/**
 * Runs one command line and returns its exit code: 0 done, 1 failed, 2 wrong usage, 130 ended by Ctrl-C.
 *
 * @param argv - the arguments after `npx boxoffice`
 */
export async function main(argv: readonly string[]): Promise<number> {
  endWithoutReader()
  const { signal, exitCode } = stopOnSignal()
  try {
    await createProgram(signal).parseAsync(argv, { from: 'user' })
    return signal.aborted ? exitCode() : 0
  } catch (error) {
    if (error instanceof CommanderError) return usageExitCode(error)
    // A user who ended the command knows that, but not the id with which it can be repeated.
    if (!signal.aborted || error instanceof OutcomeUnknown) report(error, argv)
    return signal.aborted ? exitCode() : 1
  }
}

/** The exit code of wrong usage; commander has already reported the error. */
function usageExitCode(error: CommanderError): number {
  return error.exitCode === 0 ? 0 : 2
}

/** Lets the first signal end the command in good order, and the second one at once. */
function stopOnSignal(): { readonly signal: AbortSignal; readonly exitCode: () => number } {
  const controller = new AbortController()
  let code = 0
  for (const [name, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(128 + number)
      code = 128 + number
      controller.abort()
    })
  }
  return { signal: controller.signal, exitCode: () => code }
}

function report(error: unknown, argv: readonly string[]): void {
  const failure = explain(error)
  process.stderr.write(wantsJson(argv) ? `${JSON.stringify(jsonOf(failure))}\n` : textOf(failure))
  if (argv.includes('--debug')) console.error(error)
}

function textOf({ message, next }: Failure): string {
  const label = (style: 'red' | 'cyan', text: string): string =>
    styleText(style, text, { stream: process.stderr })
  const lines = [
    `${label('red', 'error:')} ${message}`,
    ...next.map((step) => `${label('cyan', ' next:')} ${step}`),
  ]
  return `${lines.join('\n')}\n`
}

function jsonOf({ reason, message, next }: Failure): unknown {
  return { error: { reason, message, next } }
}

function wantsJson(argv: readonly string[]): boolean {
  return argv.some(
    (arg, index) =>
      ['-ojson', '--output=json'].includes(arg) ||
      (['-o', '--output'].includes(arg) && argv[index + 1] === 'json'),
  )
}

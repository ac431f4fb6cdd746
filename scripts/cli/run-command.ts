import type { Command } from 'commander'
import { type GlobalOptions, openSession, type Session } from './session.ts'

/**
 * Turns the work of a command into an action of commander, which opens a session before it and closes it afterwards.
 */
export function runCommand<Options extends object, Args extends readonly unknown[] = []>(
  signal: AbortSignal,
  work: (session: Session, options: Options, ...args: Args) => Promise<void>,
): (...all: unknown[]) => Promise<void> {
  return async (...all) => {
    const command = all.at(-1) as Command
    const args = all.slice(0, -2) as unknown as Args
    const options = command.optsWithGlobals<GlobalOptions & Options>()
    const session = await openSession(options, signal)
    try {
      await work(session, options, ...args)
    } finally {
      session.close()
    }
  }
}

/** The examples at the end of a command's help. */
export function examples(...lines: readonly string[]): string {
  const title = lines.length === 1 ? 'Example' : 'Examples'
  return `\n${title}:\n${lines.map((line) => `  $ npx boxoffice ${line}`).join('\n')}`
}

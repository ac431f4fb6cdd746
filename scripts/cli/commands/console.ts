import path from 'node:path'
import { Command } from 'commander'
import { askForConsoleLink, type ConsoleLink } from '../../platform/console-link.ts'
import { logsDir, stateDir } from '../../platform/paths.ts'
import { Failure } from '../failure.ts'
import { examples, runCommand } from '../run-command.ts'
import { notRunning, type Session } from '../session.ts'

/** `console`: a link that signs in to the console of this machine. */
export function consoleCommand(signal: AbortSignal): Command {
  return new Command('console')
    .description('Prints a link that signs in to the console on this machine: once, within ten minutes.')
    .addHelpText('after', examples('console', 'console -o json'))
    .action(runCommand(signal, console))
}

async function console(session: Session): Promise<void> {
  const { run } = session
  const page = run?.console[0]?.page
  if (run === undefined || page === undefined) throw notRunning()
  const { link, expireTime } = await linkOf(page, run.auth)
  session.output.result({ json: () => ({ link, expireTime }), table: () => link })
}

async function linkOf(page: string, auth: Parameters<typeof askForConsoleLink>[1]): Promise<ConsoleLink> {
  try {
    return await askForConsoleLink(page, auth)
  } catch (cause) {
    throw new Failure('CONSOLE_AWAY', `The console at ${page} issues no link`, {
      next: [`read its log: ${path.join(logsDir(stateDir), 'console.log')}`],
      cause,
    })
  }
}

import { Command, Option } from 'commander'
import { address, certificates, user } from './arguments.ts'
import { balanceCommand } from './commands/balance.ts'
import { buyCommand } from './commands/buy.ts'
import { chargeCommand } from './commands/charge.ts'
import { concertsCommand } from './commands/concerts.ts'
import { consoleCommand } from './commands/console.ts'
import { consumersCommand } from './commands/consumers.ts'
import { deadLettersCommand } from './commands/dead-letters.ts'
import { doctorCommand } from './commands/doctor.ts'
import { holdCommand } from './commands/hold.ts'
import { loadCommand } from './commands/load.ts'
import { paymentsCommand } from './commands/payments.ts'
import { releaseCommand } from './commands/release.ts'
import { replayCommand } from './commands/replay.ts'
import { restoreCommand } from './commands/restore.ts'
import { rushCommand } from './commands/rush.ts'
import { seatsCommand } from './commands/seats.ts'
import { tokenCommand } from './commands/token.ts'
import { verifyCommand } from './commands/verify.ts'
import { examples } from './run-command.ts'

/** Every command with its options. `signal` is aborted by Ctrl-C. */
export function createProgram(signal: AbortSignal): Command {
  const program = new Command('npx boxoffice')
    .description('Concert tickets paid with points: a running Boxoffice from the command line.')
    .addOption(
      new Option('-o, --output <format>', 'how results are written')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addOption(
      new Option('-u, --user <name>', 'who you are').argParser(user).default('demo').env('BOXOFFICE_USER'),
    )
    .addOption(
      new Option(
        '--token <jwt>',
        'a bearer token of your own; other users of the machine see arguments, but not the environment',
      ).env('BOXOFFICE_TOKEN'),
    )
    .addOption(addressOption('payment', 'BOXOFFICE_PAYMENT_ADDRESS'))
    .addOption(addressOption('point', 'BOXOFFICE_POINT_ADDRESS'))
    .addOption(addressOption('reservation', 'BOXOFFICE_RESERVATION_ADDRESS'))
    .addOption(addressOption('console', 'BOXOFFICE_CONSOLE_ADDRESS'))
    .addOption(
      new Option(
        '--tls-ca-file <file>',
        "the CA of the services' certificates, in PEM; plain text if left out",
      )
        .argParser(certificates)
        .env('BOXOFFICE_TLS_CA_FILE'),
    )
    .option('--debug', 'show where an error comes from')
    .addHelpText('after', examples('charge 20000', 'seats', 'buy A-1-1', 'payments list -o json', 'verify'))
    .addHelpText('after', exitCodes)
  const commands = [
    concertsCommand,
    seatsCommand,
    chargeCommand,
    balanceCommand,
    holdCommand,
    buyCommand,
    releaseCommand,
    paymentsCommand,
    rushCommand,
    loadCommand,
    verifyCommand,
    doctorCommand,
    consumersCommand,
    deadLettersCommand,
    replayCommand,
    restoreCommand,
    consoleCommand,
    tokenCommand,
  ]
  for (const command of commands) program.addCommand(command(signal))
  for (const command of withSubcommands(program)) {
    // Only commands that their parent creates inherit its settings.
    command
      .exitOverride()
      .configureHelp({ showGlobalOptions: true })
      .showHelpAfterError(`next: ${pathOf(command)} --help`)
  }
  return program
}

const exitCodes = `
Exit codes: 0 done, 1 failed (refused, not found, unreachable, an invariant broken), 2 wrong usage, 130 Ctrl-C, 141 no reader.
The system is the one that npm start runs here, unless options or the environment say otherwise.`

function addressOption(service: string, variable: string): Option {
  return new Option(
    `--${service}-address <host:port>`,
    service === 'console' ? "the console's gRPC" : `the ${service} service`,
  )
    .argParser(address)
    .env(variable)
}

function withSubcommands(command: Command): Command[] {
  return [command, ...command.commands.flatMap(withSubcommands)]
}

function pathOf(command: Command): string {
  return command.parent === null ? command.name() : `${pathOf(command.parent)} ${command.name()}`
}

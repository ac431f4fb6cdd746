import { Command, Option } from 'commander'
import { integer } from '../integer-option.ts'
import { type ServiceName, serviceNames } from '../platform/databases.ts'
import { defaultPortBase, fixedPorts, type PortLayout, replicasMax } from '../platform/port-layout.ts'
import { readOwnServers } from './own-server-addresses.ts'
import { Refusal } from './refusal.ts'

export interface StartOptions {
  readonly fresh: boolean
  readonly logs: boolean
  readonly demo: boolean
  readonly console: boolean
  readonly secure: boolean
  readonly replicas: number
  readonly ports: PortLayout
  readonly kafkaBrokers: readonly string[] | undefined
  /** The copies of each record on the user's own brokers; the number in the manifests if undefined. */
  readonly replicationFactor: number | undefined
  readonly databaseUrl: string | undefined
}

interface Flags
  extends Partial<Record<`${ServiceName}Port` | 'kafkaPort' | 'postgresPort' | 'consolePort', number>> {
  readonly fresh: boolean
  readonly logs: boolean
  readonly demo: boolean
  readonly console: boolean
  readonly secure: boolean
  readonly replicas: number
  readonly portBase: number
  readonly replicationFactor?: number
}

/**
 * Reads the command line and the two environment variables. On --help or a wrong flag, prints help and ends the
 * process.
 */
export function readOptions(argv: readonly string[], env: NodeJS.ProcessEnv): StartOptions {
  const flags = command()
    .parse([...argv], { from: 'user' })
    .opts<Flags>()
  const { kafkaBrokers, databaseUrl } = readOwnServers(env)
  const { replicationFactor } = flags
  if (replicationFactor !== undefined && kafkaBrokers === undefined) {
    throw new Refusal(
      '--replication-factor (KAFKA_REPLICATION_FACTOR) is for your own brokers: set KAFKA_BROKERS as well, or leave it out.',
    )
  }
  if (flags.fresh && (kafkaBrokers || databaseUrl)) {
    throw new Refusal(
      '--fresh removes only what `npm start` stored itself: empty your own servers by hand, and leave it out.',
    )
  }
  if (flags.secure && (kafkaBrokers || databaseUrl)) {
    throw new Refusal(
      '--secure makes its own servers, with certificates, users and rights: leave out KAFKA_BROKERS and DATABASE_URL.',
    )
  }
  return { ...flags, ports: portsOf(flags), kafkaBrokers, replicationFactor, databaseUrl }
}

/** The option for the user's own brokers, if they are fewer than three. */
function replicationFactorOption(): Option {
  return new Option(
    '--replication-factor <n>',
    'copies of each record on your own brokers, when they are fewer than three: for development only',
  )
    .argParser(integer(1, 15))
    .env('KAFKA_REPLICATION_FACTOR')
}

function command(): Command {
  const program = new Command('npm start --')
    .description(
      'Starts Boxoffice on this machine: Kafka, PostgreSQL, all services, their relays, the console and a demo concert.',
    )
    .option('--fresh', 'start with an empty system: remove the data of earlier starts', false)
    .option('--logs', 'show what every process logs', false)
    .option('--no-demo', 'create no demo concert')
    .option('--no-console', 'start without the console')
    .option(
      '--secure',
      'TLS, passwords and least rights everywhere, as on Kubernetes; with data of its own',
      false,
    )
    .addOption(replicationFactorOption())
    .option('--replicas <n>', `processes of each service, up to ${replicasMax}`, integer(1, replicasMax), 1)
    .option(
      '--port-base <port>',
      'the base from which all ports are counted',
      integer(1024, 60_000),
      defaultPortBase,
    )
  for (const name of serviceNames) {
    program.option(
      `--${name}-port <port>`,
      `${name}'s gRPC port, instead of counting from the base`,
      integer(1, 65_535),
    )
  }
  return program
    .option('--console-port <port>', "the port of the console's page", integer(1, 65_535))
    .option('--kafka-port <port>', 'the port of the first broker; the next two follow it', integer(1, 65_529))
    .option('--postgres-port <port>', 'the port of PostgreSQL', integer(1, 65_535))
    .addHelpText('after', help)
}

const help = `
Environment:
  KAFKA_BROKERS   host:port,… of your own brokers, instead of starting some
  DATABASE_URL    superuser URL of your own PostgreSQL (wal_level=logical), instead of starting one
  BOXOFFICE_DIR   the folder of data, logs and keys, instead of .boxoffice; \`npx boxoffice\` reads it as well

Examples:
  npm start                          starts, or continues with the data of the last start
  npm start -- --fresh --logs        starts with an empty system and shows the logs
  npm start -- --port-base 8000      if ports from 7000 on are in use
  KAFKA_BROKERS=localhost:9092 npm start -- --replication-factor 1
                                     on the single broker of \`docker run -p 9092:9092 apache/kafka\`

\`npx boxoffice doctor\` reports what prevents a start, and what to do.

Ctrl-C stops everything that was started; a second Ctrl-C kills it. Data and logs stay.`

function portsOf(flags: Flags): PortLayout {
  const counted = fixedPorts(flags.portBase, flags.replicas)
  const grpc = Object.fromEntries(
    serviceNames.map((name) => {
      const first = flags[`${name}Port`]
      return [
        name,
        first === undefined
          ? counted.grpc[name]
          : counted.grpc[name].map((_, replica) => first + 20 * replica),
      ]
    }),
  ) as Record<ServiceName, number[]>
  const kafka = flags.kafkaPort
  return {
    ...counted,
    grpc,
    console: flags.console
      ? counted.console.map((ports) => ({ ...ports, http: flags.consolePort ?? ports.http }))
      : [],
    ...(kafka === undefined
      ? {}
      : { kafka: [kafka, kafka + 1, kafka + 2], controllers: [kafka + 3, kafka + 4, kafka + 5] }),
    ...(flags.postgresPort === undefined ? {} : { postgres: flags.postgresPort }),
  }
}

import { type BrokerProperties, startKafka } from './kafka/cluster.ts'
import type { PortLayout } from './port-layout.ts'
import { startPostgres } from './postgres.ts'
import type { ProcessSet } from './process-set.ts'
import type { Security } from './security.ts'
import { type StepOptions, stepsOf } from './start-steps.ts'

export interface ServerOptions extends StepOptions {
  /** The addresses, `host:port`, of brokers to use instead of starting some. */
  readonly kafkaBrokers?: readonly string[]
  /** The copies of each record, instead of the number in the manifests. */
  readonly replicationFactor?: number | undefined
  /** The superuser URL of a PostgreSQL server to use instead of starting one. */
  readonly databaseUrl?: string
  readonly brokerProperties?: BrokerProperties
  readonly postgresSettings?: Readonly<Record<string, string>>
  readonly postgresCollation?: string
}

/** The folders of a system's data and logs. */
interface Folders {
  readonly dataDir: string
  readonly logDir: string
  readonly disposable: boolean
}

/** Starts brokers, unless the options name some. Returns the address of each, `host:port`. */
export async function startBrokers(
  options: ServerOptions,
  ports: PortLayout,
  folders: Folders,
  processes: ProcessSet,
  security: Security | undefined,
): Promise<readonly string[]> {
  if (options.kafkaBrokers) return options.kafkaBrokers
  return await stepsOf(options)('kafka', async () => {
    const cluster = await startKafka({
      ...folders,
      ports: ports.kafka,
      controllerPorts: ports.controllers,
      properties: options.brokerProperties ?? {},
      security: security?.kafka,
      onProcess: (process) => processes.add(process),
    })
    return { value: cluster.addresses, detail: `${cluster.brokers.length} brokers` }
  })
}

/** Starts PostgreSQL, unless the options name a server. Returns the URL of a superuser. */
export async function startDatabase(
  options: ServerOptions,
  ports: PortLayout,
  folders: Folders,
  processes: ProcessSet,
  security: Security | undefined,
): Promise<string> {
  if (options.databaseUrl) return options.databaseUrl
  return await stepsOf(options)('postgres', async () => {
    const postgres = await startPostgres({
      ...folders,
      port: ports.postgres,
      settings: options.postgresSettings ?? {},
      collation: options.postgresCollation,
      security: security?.postgres,
      onProcess: (process) => processes.add(process),
    })
    return { value: postgres.adminUrl, detail: `port ${ports.postgres}` }
  })
}

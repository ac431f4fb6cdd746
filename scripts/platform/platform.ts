import path from 'node:path'
import { type KafkaCluster, startKafka } from './kafka/cluster.ts'
import { freePorts } from './ports.ts'
import { type PostgresServer, startPostgres } from './postgres.ts'

export interface PlatformOptions {
  /** The folder for `data` and `logs`, which are created if missing. */
  readonly dir: string
  /** Three ports each; free ones if left out. */
  readonly kafkaPorts?: readonly number[]
  readonly controllerPorts?: readonly number[]
  readonly postgresPort?: number
  /** The folder is deleted afterwards: if this process dies, no orderly end is needed. */
  readonly disposable?: boolean
  readonly brokerProperties?: Readonly<Record<string, string>>
  readonly postgresSettings?: Readonly<Record<string, string>>
  readonly postgresCollation?: string
}

export interface Platform {
  readonly kafka: KafkaCluster
  readonly postgres: PostgresServer
  stop(): Promise<void>
}

/** Starts three Kafka brokers and one PostgreSQL server, at the same time. If one fails, nothing is left running. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  const folders = { dataDir: path.join(options.dir, 'data'), logDir: path.join(options.dir, 'logs') }
  const disposable = options.disposable ?? false
  const [kafka, postgres] = await Promise.allSettled([
    startKafka({
      ...folders,
      disposable,
      ports: options.kafkaPorts ?? (await freePorts(3)),
      controllerPorts: options.controllerPorts ?? (await freePorts(3)),
      properties: options.brokerProperties ?? {},
    }),
    startPostgres({
      ...folders,
      disposable,
      port: options.postgresPort ?? (await freePorts(1))[0] ?? 0,
      settings: options.postgresSettings ?? {},
      collation: options.postgresCollation,
    }),
  ])
  const stop = async (): Promise<void> => {
    const running = [kafka, postgres].filter((result) => result.status === 'fulfilled')
    await Promise.all(running.map((result) => result.value.stop()))
  }
  if (kafka.status === 'rejected' || postgres.status === 'rejected') {
    await stop()
    throw kafka.status === 'rejected' ? kafka.reason : (postgres as PromiseRejectedResult).reason
  }
  return { kafka: kafka.value, postgres: postgres.value, stop }
}

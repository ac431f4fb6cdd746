import path from 'node:path'
import type { ManagedProcess } from '../process.ts'
import type { KafkaSecurity } from '../security.ts'
import { prepareBroker } from './broker.ts'
import { classArchiveFlags } from './class-archive.ts'
import { fetchKafka } from './fetch.ts'

export interface KafkaOptions {
  readonly dataDir: string
  readonly logDir: string
  /** The ports, one per broker. */
  readonly ports: readonly number[]
  readonly controllerPorts: readonly number[]
  readonly disposable?: boolean
  readonly properties?: BrokerProperties
  /** TLS and passwords; plain text if undefined. */
  readonly security?: KafkaSecurity | undefined
  /** Called with each broker before it is started. */
  readonly onProcess?: (process: ManagedProcess) => void
}

/** Additional broker properties: the same for every broker, or by its id. */
export type BrokerProperties =
  | Readonly<Record<string, string>>
  | ((id: number) => Readonly<Record<string, string>>)

export interface KafkaCluster {
  /** The address of each broker, `host:port`. */
  readonly addresses: readonly string[]
  /** One handle per broker, in the order of the ports. Each may be killed and started again. */
  readonly brokers: readonly ManagedProcess[]
  stop(): Promise<void>
}

/** Starts real Kafka brokers, each a controller as well, and waits until every one serves. */
export async function startKafka(options: KafkaOptions): Promise<KafkaCluster> {
  const jarsDir = await fetchKafka()
  const jvmFlags = await classArchiveFlags(jarsDir)
  const controllerPorts = new Map(options.controllerPorts.map((port, index) => [index + 1, port]))
  const brokers = await Promise.all(
    options.ports.map((port, index) =>
      prepareBroker({
        id: index + 1,
        port,
        controllerPort: controllerPorts.get(index + 1) ?? 0,
        controllerPorts,
        jarsDir,
        jvmFlags,
        dataDir: path.join(options.dataDir, `kafka-${index + 1}`),
        logFile: path.join(options.logDir, `kafka-${index + 1}.log`),
        disposable: options.disposable ?? false,
        security: options.security,
        properties: propertiesOf(options.properties, index + 1),
      }),
    ),
  )
  const stop = async (): Promise<void> => {
    await Promise.all(brokers.map((broker) => broker.stop()))
  }
  for (const broker of brokers) options.onProcess?.(broker)
  const started = await Promise.allSettled(brokers.map((broker) => broker.start()))
  const failure = started.find((result) => result.status === 'rejected')
  if (failure) {
    await stop()
    throw failure.reason
  }
  return { addresses: options.ports.map((port) => `127.0.0.1:${port}`), brokers, stop }
}

function propertiesOf(
  properties: BrokerProperties | undefined,
  id: number,
): Readonly<Record<string, string>> {
  return typeof properties === 'function' ? properties(id) : (properties ?? {})
}

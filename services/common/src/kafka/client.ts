import { createKafkaClient, type Kafka, type Logger } from '@boxoffice/kafka'
import type { kafkaSettings } from '../config/connection-settings.ts'
import { openSecretFile } from '../config/secret-file.ts'
import type { Settings } from '../config/settings.ts'

export type { Admin, Kafka } from '@boxoffice/kafka'

/** The brokers, and the files by which they and a process prove who they are. */
export interface KafkaAddress {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[]
  /** PEM, who signs the brokers' certificates; plain text without it. */
  readonly tlsCaFile?: string | undefined
  /** SCRAM-SHA-512; anonymous without it. */
  readonly sasl?: { readonly username: string; readonly passwordFile: string } | undefined
}

export interface KafkaOptions extends KafkaAddress {
  readonly clientId: string
  /** Without it KafkaJS says nothing. */
  readonly log?: Logger
}

/** A client of the cluster at an address. Each new connection takes the CA and the password that the files hold by then. */
export function createKafka({ brokers, clientId, tlsCaFile, sasl, log }: KafkaOptions): Kafka {
  const ca = tlsCaFile === undefined ? undefined : openSecretFile(tlsCaFile)
  const password = sasl === undefined ? undefined : openSecretFile(sasl.passwordFile)
  return createKafkaClient({
    brokers,
    clientId,
    ca: ca?.read,
    sasl: sasl && password && { username: sasl.username, password: password.read },
    log,
  })
}

/** What `KAFKA_*` say, as the address. */
export function kafkaAddress(config: Settings<typeof kafkaSettings>): KafkaAddress {
  const { kafkaSaslUsername: username, kafkaSaslPasswordFile: passwordFile } = config
  return {
    brokers: config.kafkaBrokers,
    tlsCaFile: config.kafkaTlsCaFile,
    sasl: username === undefined || passwordFile === undefined ? undefined : { username, passwordFile },
  }
}

import { createKafkaClient, type Kafka, type Logger } from '@boxoffice/kafka'
import type { kafkaSettings } from '../config/connection-settings.ts'
import { openSecretFile } from '../config/secret-file.ts'
import type { Settings } from '../config/settings.ts'

export type { Admin, Kafka } from '@boxoffice/kafka'

/** The brokers, and the files with which they and a process prove their identity. */
export interface KafkaAddress {
  /** `host:port` of the first brokers to ask. */
  readonly brokers: readonly string[]
  /** The CA that signs the brokers' certificates, in PEM; plain text without it. */
  readonly tlsCaFile?: string | undefined
  /** SCRAM-SHA-512; anonymous without it. */
  readonly sasl?: { readonly username: string; readonly passwordFile: string } | undefined
}

export interface KafkaOptions extends KafkaAddress {
  readonly clientId: string
  /** Without it KafkaJS logs nothing. */
  readonly log?: Logger
}

/** Creates a client of a cluster. Each new connection uses the CA and the password that the files have then. */
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

/** Reads the address from the `KAFKA_*` settings. */
export function kafkaAddress(config: Settings<typeof kafkaSettings>): KafkaAddress {
  const { kafkaSaslUsername: username, kafkaSaslPasswordFile: passwordFile } = config
  return {
    brokers: config.kafkaBrokers,
    tlsCaFile: config.kafkaTlsCaFile,
    sasl: username === undefined || passwordFile === undefined ? undefined : { username, passwordFile },
  }
}

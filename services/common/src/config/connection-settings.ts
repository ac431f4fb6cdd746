import { certificatesFile, isPair, passwordFile, privateKeyFile } from './file-settings.ts'
import { boolean, type Environment, hostPorts, integer, optional, text, together, url } from './settings.ts'

// How a process reaches other servers, and how each side proves its identity. Files are mounted secrets: they are read
// again for each new connection, so a replaced file takes effect without a restart.

/** Kafka: TLS if a CA is given, SCRAM-SHA-512 if a user is given. */
export const kafkaSettings = {
  kafkaBrokers: hostPorts('KAFKA_BROKERS'),
  /** The CA that signs the brokers' certificates. */
  kafkaTlsCaFile: optional(certificatesFile('KAFKA_TLS_CA_FILE')),
  kafkaSaslUsername: optional(
    text('KAFKA_SASL_USERNAME'),
    together('KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE'),
  ),
  kafkaSaslPasswordFile: optional(
    passwordFile('KAFKA_SASL_PASSWORD_FILE'),
    together('KAFKA_SASL_PASSWORD_FILE', 'KAFKA_SASL_USERNAME'),
  ),
} as const

/** PostgreSQL: TLS with a verified certificate and host name if a CA is given. */
export const databaseSettings = {
  databaseUrl: url('DATABASE_URL', { protocols: ['postgres', 'postgresql'], secret: true }),
  /** The file of the password, instead of a password in the URL. */
  databasePasswordFile: optional(passwordFile('DATABASE_PASSWORD_FILE'), refuseTwoPasswords),
  /** The CA that signs the server's certificate. */
  databaseTlsCaFile: optional(certificatesFile('DATABASE_TLS_CA_FILE')),
} as const

/** The roles that work with the database. The command `migrate`, which runs as the owner, grants them their rights. */
export const roleSettings = {
  databaseServiceRole: optional(text('DATABASE_SERVICE_ROLE', { lengthMax: 63 })),
  databaseRelayRole: optional(text('DATABASE_RELAY_ROLE', { lengthMax: 63 })),
} as const

/**
 * The number of shards of an outbox, each with a publication, a slot and an active relay. The relays use it, and the
 * command `migrate`, which creates the publications. More than 16 would not pay.
 */
export const shardSettings = {
  relayShards: integer('RELAY_SHARDS', { default: 1, min: 1, max: 16, unit: 'shards' }),
} as const

/** A gRPC server: TLS if a certificate and its key are given. */
export const grpcServerSettings = {
  grpcTlsCertFile: optional(
    certificatesFile('GRPC_TLS_CERT_FILE'),
    together('GRPC_TLS_CERT_FILE', 'GRPC_TLS_KEY_FILE'),
  ),
  grpcTlsKeyFile: optional(privateKeyFile('GRPC_TLS_KEY_FILE'), refuseOtherKey),
  /** Lets any gRPC tool ask for the API's descriptors. */
  grpcReflection: boolean('GRPC_REFLECTION', { default: true }),
} as const

/** A gRPC client: TLS if a CA is given. */
export const grpcClientSettings = {
  /** The CA that signs the servers' certificates. */
  grpcTlsCaFile: optional(certificatesFile('GRPC_TLS_CA_FILE')),
} as const

function refuseTwoPasswords({ DATABASE_URL = '' }: Environment): string | undefined {
  if (!URL.canParse(DATABASE_URL) || new URL(DATABASE_URL).password === '') return undefined
  return 'DATABASE_PASSWORD_FILE is set and DATABASE_URL has a password too; only one of them may say it.'
}

function refuseOtherKey(env: Environment): string | undefined {
  const { GRPC_TLS_CERT_FILE: certificate = '', GRPC_TLS_KEY_FILE: key = '' } = env
  const alone = together('GRPC_TLS_KEY_FILE', 'GRPC_TLS_CERT_FILE')(env)
  if (alone !== undefined) return alone
  try {
    if (isPair(certificate.trim(), key.trim())) return undefined
  } catch {
    // Another problem reports the certificate.
    return undefined
  }
  return 'GRPC_TLS_KEY_FILE is not the key of the certificate in GRPC_TLS_CERT_FILE; the two belong together.'
}

import { certificatesFile, isPair, passwordFile, privateKeyFile } from './file-settings.ts'
import { boolean, type Environment, hostPorts, integer, optional, text, together, url } from './settings.ts'

// What leads to the other servers, and proves who is who. Files are mounted secrets: they are read again for each new
// connection, so one that is replaced is taken up without a restart.

/** Kafka: TLS where a CA is given, SCRAM-SHA-512 where a user is. */
export const kafkaSettings = {
  kafkaBrokers: hostPorts('KAFKA_BROKERS'),
  /** Who signs the brokers' certificates. */
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

/** PostgreSQL: TLS with a verified certificate and host name where a CA is given. */
export const databaseSettings = {
  databaseUrl: url('DATABASE_URL', { protocols: ['postgres', 'postgresql'], secret: true }),
  /** Instead of a password in the URL. */
  databasePasswordFile: optional(passwordFile('DATABASE_PASSWORD_FILE'), refuseTwoPasswords),
  /** Who signs the server's certificate. */
  databaseTlsCaFile: optional(certificatesFile('DATABASE_TLS_CA_FILE')),
} as const

/** For the command `migrate`, which runs as the owner: who works with the database. Nobody is given anything without them. */
export const roleSettings = {
  databaseServiceRole: optional(text('DATABASE_SERVICE_ROLE', { lengthMax: 63 })),
  databaseRelayRole: optional(text('DATABASE_RELAY_ROLE', { lengthMax: 63 })),
} as const

/**
 * How many shards an outbox has, each with a publication, a slot and an active relay: for the relays, and for the command `migrate`,
 * which makes the publications. More than 16 would not pay.
 */
export const shardSettings = {
  relayShards: integer('RELAY_SHARDS', { default: 1, min: 1, max: 16, unit: 'shards' }),
} as const

/** A gRPC server: TLS where a certificate and its key are given. */
export const grpcServerSettings = {
  grpcTlsCertFile: optional(
    certificatesFile('GRPC_TLS_CERT_FILE'),
    together('GRPC_TLS_CERT_FILE', 'GRPC_TLS_KEY_FILE'),
  ),
  grpcTlsKeyFile: optional(privateKeyFile('GRPC_TLS_KEY_FILE'), refuseOtherKey),
  /** Lets any gRPC tool ask for the API's descriptors. */
  grpcReflection: boolean('GRPC_REFLECTION', { default: true }),
} as const

/** A gRPC client: TLS where a CA is given. */
export const grpcClientSettings = {
  /** Who signs the servers' certificates. */
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
    // The certificate is reported by itself.
    return undefined
  }
  return 'GRPC_TLS_KEY_FILE is not the key of the certificate in GRPC_TLS_CERT_FILE; the two belong together.'
}

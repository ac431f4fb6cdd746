import { admissionSettings } from '../config/admission-settings.ts'
import {
  databaseSettings,
  grpcServerSettings,
  kafkaSettings,
  roleSettings,
  shardSettings,
} from '../config/connection-settings.ts'
import { logSettings, metricsSettings, tracingSettings } from '../config/process-settings.ts'
import { durationMs, fileOrUrl, hostPort, integer, optional, text } from '../config/settings.ts'
import { crashSettings } from '../lifecycle/crash-point.ts'

/** The settings of every process that serves, stores and consumes; a service adds its own. */
export const serviceSettings = {
  ...logSettings,
  ...tracingSettings,
  ...metricsSettings,
  ...crashSettings,
  ...kafkaSettings,
  ...databaseSettings,
  ...roleSettings,
  ...shardSettings,
  ...grpcServerSettings,
  ...admissionSettings,
  /**
   * The number of copies of each record, if there are fewer brokers than k8s/base/topics.yaml asks for: for
   * development. Used only to judge the topics at the start.
   */
  kafkaReplicationFactor: optional(
    integer('KAFKA_REPLICATION_FACTOR', { min: 1, max: 15, unit: 'copies of each record' }),
  ),
  /**
   * How long the inbox keeps the ids of handled messages. It must be at least as long as Kafka keeps the messages,
   * which is checked against the topics' settings. Without it, exactly as long.
   */
  inboxRetentionMs: optional(durationMs('INBOX_RETENTION_MS', { min: 86_400_000, max: 315_360_000_000 })),
  /** The address of the gRPC server. */
  grpcAddress: hostPort('GRPC_ADDRESS', { default: '127.0.0.1:0' }),
  /** The maximum number of connections to PostgreSQL of this process. */
  databasePoolSize: integer('DATABASE_POOL_SIZE', { default: 10, min: 2, max: 200, unit: 'connections' }),
  /** How often lag and open work are measured. */
  observeIntervalMs: durationMs('OBSERVE_INTERVAL_MS', { default: 10_000, min: 100, max: 600_000 }),
  /** The number of recent messages that a partition is judged by: if more than half of them are poison, it stops. */
  poisonWindow: integer('POISON_WINDOW', { default: 20, min: 2, max: 1_000, unit: 'messages' }),
  /** How long a stopped partition cools down before it tries one more message; doubled if that is poison too. */
  poisonRestMs: durationMs('POISON_REST_MS', { default: 5_000, min: 100, max: 3_600_000 }),
  /** The upper bound of the doubled time. */
  poisonRestMaxMs: durationMs('POISON_REST_MAX_MS', { default: 300_000, min: 100, max: 86_400_000 }),
  /**
   * How long a partition may be behind without progress before it counts as stopped. If no partition makes progress,
   * and no error says why, /livez fails. It is longer than a transaction takes to fail plus the pause before the
   * retry.
   */
  consumerStuckMs: durationMs('CONSUMER_STUCK_MS', { default: 60_000, min: 30_000, max: 3_600_000 }),
  /** The public keys that tokens are signed with: a JWKS file or its URL. */
  authJwks: fileOrUrl('AUTH_JWKS'),
  authIssuer: text('AUTH_ISSUER', { default: 'boxoffice' }),
  authAudience: text('AUTH_AUDIENCE', { default: 'boxoffice' }),
  /** The longest life of a token, from its issue to its expiry; a longer one is refused. */
  authTokenLifeMaxMs: durationMs('AUTH_TOKEN_LIFE_MAX_MS', {
    default: 86_400_000,
    min: 60_000,
    max: 31_536_000_000,
  }),
  /** After a signal, how long the process keeps serving while it already reports that it is not ready. */
  shutdownGraceMs: durationMs('SHUTDOWN_GRACE_MS', { default: 0, min: 0, max: 60_000 }),
  /** After a signal, how long an orderly stop may take before the process ends with an error. */
  shutdownDeadlineMs: durationMs('SHUTDOWN_DEADLINE_MS', { default: 10_000, min: 100, max: 300_000 }),
} as const

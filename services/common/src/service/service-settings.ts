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

/** What every process that serves, stores and consumes takes from its environment; a service adds its own. */
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
   * Copies of each record, where there are fewer brokers than k8s/base/topics.yaml asks for: for development. Decides nothing but
   * what the topics are compared with at the start.
   */
  kafkaReplicationFactor: optional(
    integer('KAFKA_REPLICATION_FACTOR', { min: 1, max: 15, unit: 'copies of each record' }),
  ),
  /**
   * How long the inbox keeps the ids of handled messages; at the least as long as Kafka keeps the messages, which is checked
   * against the topics' settings. Without it, just so long.
   */
  inboxRetentionMs: optional(durationMs('INBOX_RETENTION_MS', { min: 86_400_000, max: 315_360_000_000 })),
  /** Where the gRPC server listens. */
  grpcAddress: hostPort('GRPC_ADDRESS', { default: '127.0.0.1:0' }),
  /** Connections to PostgreSQL that this process opens at most. */
  databasePoolSize: integer('DATABASE_POOL_SIZE', { default: 10, min: 2, max: 200, unit: 'connections' }),
  /** How often lag and what is in flight are measured. */
  observeIntervalMs: durationMs('OBSERVE_INTERVAL_MS', { default: 10_000, min: 100, max: 600_000 }),
  /** The recent messages of a partition by which it is judged: when more than half of them are poison, it stops. */
  poisonWindow: integer('POISON_WINDOW', { default: 20, min: 2, max: 1_000, unit: 'messages' }),
  /** How long a stopped partition rests before it tries one more message; doubled each time that is poison too. */
  poisonRestMs: durationMs('POISON_REST_MS', { default: 5_000, min: 100, max: 3_600_000 }),
  /** The most that the doubling leads to. */
  poisonRestMaxMs: durationMs('POISON_REST_MAX_MS', { default: 300_000, min: 100, max: 86_400_000 }),
  /**
   * For how long a partition may be behind and not move before it counts as stopped; where none of them moves, and no error says
   * why, /livez fails. Longer than a transaction takes to fail, and than the pause before it is tried again.
   */
  consumerStuckMs: durationMs('CONSUMER_STUCK_MS', { default: 60_000, min: 30_000, max: 3_600_000 }),
  /** The public keys that tokens are signed with: a JWKS file or its URL. */
  authJwks: fileOrUrl('AUTH_JWKS'),
  authIssuer: text('AUTH_ISSUER', { default: 'boxoffice' }),
  authAudience: text('AUTH_AUDIENCE', { default: 'boxoffice' }),
  /** The longest that a token may be valid, from its issue to its end; one that is valid for longer is refused. */
  authTokenLifeMaxMs: durationMs('AUTH_TOKEN_LIFE_MAX_MS', {
    default: 86_400_000,
    min: 60_000,
    max: 31_536_000_000,
  }),
  /** After a signal: how long it keeps serving while it already says that it is not ready. */
  shutdownGraceMs: durationMs('SHUTDOWN_GRACE_MS', { default: 0, min: 0, max: 60_000 }),
  /** After a signal: how long an orderly stop may take before the process ends with an error. */
  shutdownDeadlineMs: durationMs('SHUTDOWN_DEADLINE_MS', { default: 10_000, min: 100, max: 300_000 }),
} as const

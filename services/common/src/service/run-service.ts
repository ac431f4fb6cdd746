import { setTimeout as sleep } from 'node:timers/promises'
import type { MessageHandler } from '@boxoffice/messaging'
import { type Consumer, startConsumer, startInboxPruning } from '@boxoffice/messaging'
import type { RestoreHandler } from '@boxoffice/messaging/operations'
import {
  createRestorer,
  observeDeadLetters,
  observeLag,
  openTopicLooks,
} from '@boxoffice/messaging/operations'
import type { Tracer } from '@boxoffice/messaging/telemetry'
import type { EntitySchema } from '@mikro-orm/postgresql'
import { adminServices } from '../admin/admin-services.ts'
import { type Admission, createAdmission } from '../admission/admission.ts'
import { admissionLimits } from '../admission/limits.ts'
import { type Authenticator, createAuthenticator } from '../auth/auth.ts'
import type { Settings } from '../config/settings.ts'
import { reportSurroundings } from '../doctor/report-surroundings.ts'
import { createServer, type ServiceImplementation } from '../grpc/server.ts'
import { serverTls } from '../grpc/tls.ts'
import { createKafka, type Kafka, kafkaAddress } from '../kafka/client.ts'
import { armCrashPoint, crashPoint } from '../lifecycle/crash-point.ts'
import { startHttpEndpoint } from '../lifecycle/http-endpoint.ts'
import { createLiveness, type Liveness } from '../lifecycle/liveness.ts'
import { type ProcessScope, runProcess } from '../lifecycle/run.ts'
import { databaseAddress } from '../postgres/connection.ts'
import { type Database, openDatabase } from '../postgres/database.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import type { MigrationClass } from '../postgres/migration-class.ts'
import type { Rights } from '../postgres/rights.ts'
import { waitForSchema } from '../postgres/wait-for-schema.ts'
import { observeCertificates } from '../telemetry/certificate-metrics.ts'
import { createLog, type Logger } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { startTracer } from '../telemetry/start-tracer.ts'
import type { serviceSettings } from './service-settings.ts'

/** The common parts of a service, which exist when it wires its own parts. */
export interface ServiceParts<Config> {
  readonly config: Config
  readonly database: Database
  readonly kafka: Kafka
  readonly log: Logger
  readonly metrics: Metrics
  /** Undefined if no receiver of traces is set. */
  readonly tracer: Tracer | undefined
  readonly scope: ProcessScope
  readonly auth: Authenticator
  /** Admits calls. Anything else that serves callers has to ask it as well. */
  readonly admission: Admission
}

export interface ServiceOptions<Config> {
  /** The name of the service, its Kafka group and its consumer. */
  readonly name: string
  readConfig(): Config
  // biome-ignore lint/suspicious/noExplicitAny: the entities of a database have nothing in common but this
  readonly entities: readonly EntitySchema<any, any>[]
  readonly migrations: readonly MigrationClass[]
  /** Some of its statements read whole tables; see DatabaseOptions. */
  readonly readsWholeTables?: boolean
  /** The rights of the service's role on the tables that the migrations create. */
  readonly rights: Rights
  /** Creates the service's own parts. They are stopped after the gRPC server and the consumer. */
  wire(parts: ServiceParts<Config>): Promise<{
    readonly services: readonly ServiceImplementation[]
    readonly handler: MessageHandler<EntityManager>
    readonly restoring?: RestoreHandler<EntityManager>
  }>
}

/**
 * Runs a service that serves gRPC, has a database and consumes messages, until a signal ends it. With the argument
 * `migrate` it applies the missing migrations, as the database's owner, and exits; otherwise it waits for them.
 *
 * It stops in this order: gRPC accepts no more calls and finishes those in flight; the consumer finishes its
 * transaction and leaves its group; then the service's own parts, the HTTP endpoint and the database.
 */
export function runService<Config extends Settings<typeof serviceSettings>>(
  options: ServiceOptions<Config>,
): Promise<void> {
  return runProcess(options.name, async (scope) => {
    const config = options.readConfig()
    armCrashPoint(config.crashAt)
    const log = createLog({ service: options.name, level: config.logLevel })
    const { shutdownGraceMs, shutdownDeadlineMs } = config
    scope.configure({ log, shutdownGraceMs, shutdownDeadlineMs })
    const isMigration = process.argv[2] === 'migrate'
    const databaseOptions = {
      ...databaseAddress(config),
      entities: options.entities,
      migrations: options.migrations,
      readsWholeTables: options.readsWholeTables ?? false,
      log,
    }
    const database = await openDatabase({
      ...databaseOptions,
      poolSize: config.databasePoolSize,
      applicationName: options.name,
      evenWhenHeld: isMigration,
    })
    scope.onStop('database', () => database.close())
    if (isMigration) {
      const { databaseServiceRole: serviceRole, databaseRelayRole: relayRole, relayShards } = config
      const applied = await database.migrate({
        ...{ serviceRole, relayRole, relayShards },
        rights: options.rights,
      })
      log.info({ applied }, 'migrated')
      await database.close()
      process.exit(0)
    }
    const openHeld = () =>
      openDatabase({
        ...databaseOptions,
        poolSize: restorePoolSize,
        applicationName: `${options.name} restore`,
        evenWhenHeld: true,
      })
    await serve(options, config, scope, log, { database, openHeld })
  })
}

async function serve<Config extends Settings<typeof serviceSettings>>(
  options: ServiceOptions<Config>,
  config: Config,
  scope: ProcessScope,
  log: Logger,
  { database, openHeld }: { readonly database: Database; readonly openHeld: () => Promise<Database> },
): Promise<void> {
  const { name, migrations } = options
  const metrics = createMetrics(name)
  observeCertificates(metrics, config)
  const liveness = createLiveness()
  const { readiness } = scope
  const http = await startHttpEndpoint({ address: config.metricsAddress, metrics, readiness, liveness })
  scope.onStop('http endpoint', () => http.stop())
  const tracer = await startTracer({ service: name, endpoint: config.otlpEndpoint, log })
  scope.onStop('traces', () => tracer?.stop())
  await waitForSchema({ database, migrations, log, signal: scope.stopping })

  const auth = createAuthenticator({
    jwks: config.authJwks,
    issuer: config.authIssuer,
    audience: config.authAudience,
    tokenLifeMsMax: config.authTokenLifeMaxMs,
    log,
  })
  const admission = createAdmission({ auth, limits: admissionLimits(config), metrics })
  const kafka = createKafka({ ...kafkaAddress(config), clientId: name, log })
  const parts = { config, database, kafka, log, metrics, tracer, scope, auth, admission }
  const { services, handler, restoring } = await options.wire(parts)
  const consumer = await startConsuming(name, parts, handler, liveness)

  const handling = { name, handler, database, kafka, tracer }
  const restorer = restoring && createRestorer({ ...handling, restoring, openHeld, log })
  if (restorer !== undefined) scope.onStop('restore', () => restorer.stop())
  const server = createServer({
    services: [...services, ...adminServices(handling, restorer)],
    auth,
    log,
    metrics,
    tracer,
    address: config.grpcAddress,
    tls: serverTls(config),
    reflection: config.grpcReflection,
    health: readiness,
    admission,
  })
  const grpcAddress = await server.start()
  scope.onStop('gRPC server', () => server.stop())
  restorer?.resume()
  if (!(await joinsInTime(consumer, scope.stopping)))
    log.warn('serving, though the consumer waits for its group')
  readiness.set(true)
  log.info({ grpcAddress, metricsAddress: http.address }, 'serving')
  const { kafkaBrokers, kafkaReplicationFactor } = config
  const { topics } = handler
  const { stopping } = scope
  void reportSurroundings({ kafka, kafkaBrokers, kafkaReplicationFactor, topics, database, log, stopping })
}

/** Starts the consumer, what observes its dead letters and its lag, and the pruning of its inbox. */
async function startConsuming(
  name: string,
  { config, database, kafka, log, metrics, tracer, scope }: ServiceParts<Settings<typeof serviceSettings>>,
  handler: MessageHandler<EntityManager>,
  liveness: Liveness,
): Promise<Consumer> {
  const { topics } = handler
  observeDeadLetters(metrics, { consumer: name, database })
  const { look, close } = openTopicLooks({
    kafka,
    topics,
    // Half of the shorter of two intervals: those at which the consumer's progress and its lag are observed.
    ageMsMax: Math.min(config.observeIntervalMs, config.consumerStuckMs / 6) / 2,
  })
  scope.onStop('looks at topics', close)
  const consumer = await startConsumer({
    name,
    kafka,
    database,
    handler,
    source: `boxoffice/${name}`,
    log,
    metrics,
    tracer,
    look,
    onStalled: liveness.set,
    onStep: crashPoint,
    settings: {
      stuckMs: config.consumerStuckMs,
      poisonWindow: config.poisonWindow,
      coolDownBaseMs: config.poisonRestMs,
      coolDownCapMs: config.poisonRestMaxMs,
    },
  })
  scope.onStop('consumer', () => consumer.stop())
  const { inboxRetentionMs: retentionMs, observeIntervalMs: intervalMs } = config
  const { fail } = scope
  const followed = { consumer: name, kafka, database, log }
  const pruning = startInboxPruning({ ...followed, topics, retentionMs, metrics, fail })
  scope.onStop('inbox pruning', () => pruning.stop())
  const lag = observeLag(metrics, { ...followed, look, intervalMs })
  scope.onStop('lag', () => lag.stop())
  return consumer
}

/**
 * Waits until the consumer belongs to its group, so that the first call does not wait for it. Returns false after a
 * long wait: without Kafka the API is still useful, as the messages of accepted calls wait in the outbox.
 */
async function joinsInTime(consumer: Consumer, stopping: AbortSignal): Promise<boolean> {
  const deadline = Date.now() + joinWaitMsMax
  while (!consumer.ready() && Date.now() < deadline && !stopping.aborted) await sleep(joinPollMs)
  return consumer.ready()
}

const joinWaitMsMax = 15_000
/** For a restore, which does one thing at a time, and for operators who ask about its progress. */
const restorePoolSize = 3
const joinPollMs = 50

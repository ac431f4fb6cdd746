import { createKafka, kafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { armCrashPoint, crashPoint } from '@boxoffice/common/lifecycle/crash-point.ts'
import { startHttpEndpoint } from '@boxoffice/common/lifecycle/http-endpoint.ts'
import { runProcess } from '@boxoffice/common/lifecycle/run.ts'
import { databaseAddress } from '@boxoffice/common/postgres/connection.ts'
import { observeCertificates } from '@boxoffice/common/telemetry/certificate-metrics.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { startTracer } from '@boxoffice/common/telemetry/start-tracer.ts'
import { VerifiedProducer } from '@boxoffice/kafka'
import { namesOf, readConfig } from './config.ts'
import { openDatabase } from './database.ts'
import { createRelayMetrics } from './metrics.ts'
import { runRelay } from './relay.ts'

// node services/outbox-relay/src/main.ts: publishes one service's outbox. See config.ts for its settings.
await runProcess('outbox-relay', async (scope) => {
  const config = readConfig()
  armCrashPoint(config.crashAt)
  const applicationName = `outbox-relay-${config.relayName}`
  const log = createLog({ service: applicationName, level: config.logLevel })
  scope.configure({ log, shutdownDeadlineMs: config.stopGraceMs + 5_000 })

  const allMetrics = createMetrics(applicationName)
  const metrics = createRelayMetrics(allMetrics)
  observeCertificates(allMetrics, config)
  const endpoint = await startHttpEndpoint({
    address: config.metricsAddress,
    metrics: allMetrics,
    readiness: scope.readiness,
  })
  scope.onStop('metrics endpoint', () => endpoint.stop())
  const tracer = await startTracer({ service: applicationName, endpoint: config.otlpEndpoint, log })
  scope.onStop('traces', () => tracer?.stop())

  const database = openDatabase({
    ...databaseAddress(config),
    applicationName,
    names: namesOf(config),
    log,
  })
  scope.onStop('database', () => database.end())

  const producer = new VerifiedProducer({
    kafka: createKafka({
      ...kafkaAddress(config),
      clientId: applicationName,
      // KafkaJS also reports single attempts; the error of the send reports the failure once.
      ...(log.isLevelEnabled('debug') ? { log } : {}),
    }),
    patienceMs: config.kafkaPatienceMs,
    attemptTimeoutMs: config.kafkaPatienceMs,
    onRequest: (moment) => crashPoint(`produce:${moment}`),
    onRetry: (err) => {
      metrics.sendRetries.inc()
      log.warn({ err }, 'sending again')
    },
  })
  const running = runRelay({ config, database, producer, metrics, log, tracer }, scope.stopping)
  running.catch(scope.fail)
  scope.onStop('relay', () => running)

  // Ready on standby and while Kafka is away as well: the service beside it can work without the relay.
  scope.readiness.set(true)
  log.info({ metricsAddress: endpoint.address }, 'started')
})

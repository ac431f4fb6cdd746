import { openSecretFile } from '@boxoffice/common/config/secret-file.ts'
import { channelCredentials } from '@boxoffice/common/grpc/tls.ts'
import { createKafka, kafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { startHttpEndpoint } from '@boxoffice/common/lifecycle/http-endpoint.ts'
import { runProcess } from '@boxoffice/common/lifecycle/run.ts'
import { observeCertificates } from '@boxoffice/common/telemetry/certificate-metrics.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { GroupReader } from '@boxoffice/kafka'
import { readConfig } from './config.ts'
import { podAccess } from './kubernetes/access.ts'
import { createApi } from './kubernetes/api.ts'
import { createEventRecorder } from './kubernetes/event-recorder.ts'
import { leadInTurn } from './kubernetes/leader.ts'
import { lead } from './lead.ts'
import { createOperatorMetrics } from './metrics.ts'
import { createServiceClients } from './services/service-clients.ts'

const name = 'boxoffice-operator'

// node services/operator/src/main.ts: shows Kafka's consumer groups in Kubernetes and carries out replays. See
// config.ts.
await runProcess(name, async (scope) => {
  const config = readConfig()
  const { identity, leaseName, leaseDurationMs } = config
  const log = createLog({ service: name, level: config.logLevel })
  scope.configure({ log })

  const allMetrics = createMetrics(name)
  const metrics = createOperatorMetrics(allMetrics)
  observeCertificates(allMetrics, config)
  const endpoint = await startHttpEndpoint({
    address: config.metricsAddress,
    metrics: allMetrics,
    readiness: scope.readiness,
  })
  scope.onStop('metrics endpoint', () => endpoint.stop())

  const access = podAccess(config)
  scope.onStop('Kubernetes client', () => access.close())
  const api = createApi({
    access,
    fieldManager: name,
    onAnswer: (method, code) => metrics.apiAnswers.inc({ method, code: String(code) }),
  })
  const { namespace } = access

  const groupReader = new GroupReader(createKafka({ ...kafkaAddress(config), clientId: name, log }))
  scope.onStop('Kafka client', () => groupReader.close())
  const services = createServiceClients(config.services, {
    token: openSecretFile(config.tokenFile).read,
    credentials: channelCredentials(config),
  })
  scope.onStop('service clients', () => {
    for (const service of services.values()) service.close()
  })

  const events = createEventRecorder({ api, namespace, controller: name, instance: identity, log })
  const parts = { config, access, api, groupReader, services, events, metrics, log }
  const running = leadInTurn(
    {
      api,
      namespace,
      name: leaseName,
      identity,
      durationMs: leaseDurationMs,
      log,
      lead: (signal) => lead(parts, signal),
      onChange: (leading) => metrics.leading.set(leading ? 1 : 0),
    },
    scope.stopping,
  )
  running.catch(scope.fail)
  scope.onStop('leading', () => running)

  // A standby is ready as well: it is ready to lead.
  scope.readiness.set(true)
  log.info({ identity, namespace, metricsAddress: endpoint.address }, 'started')
})

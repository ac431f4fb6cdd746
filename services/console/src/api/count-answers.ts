import type { Metrics } from '@boxoffice/common/telemetry/metrics.ts'
import type { FastifyInstance } from 'fastify'

/**
 * Counts every answer, as the gRPC server counts calls. An answer to a path without a route has an empty route label.
 */
export function countAnswers(app: FastifyInstance, metrics: Metrics): void {
  const answers = metrics.counter({
    name: 'boxoffice_http_answers_total',
    help: 'Requests of the page that were answered, by the status of the answer',
    labelNames: ['method', 'route', 'status'],
  })
  app.addHook('onResponse', async ({ method, routeOptions: { url = '' } }, { statusCode }) => {
    answers.inc({ method, route: url, status: String(statusCode) })
  })
}

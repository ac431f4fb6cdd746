import { channelCredentials } from '@boxoffice/common/grpc/tls.ts'
import { runService } from '@boxoffice/common/service/run-service.ts'
import { createServer } from './api/server.ts'
import { connectServices } from './api/services.ts'
import { readConfig } from './config.ts'
import { toFeedEvent } from './contract/to-answers.ts'
import { createFeed } from './feed/feed.ts'
import { auditTrail } from './messages/audit-trail.ts'
import { watchOverview } from './observe/overview.ts'
import { connectCluster } from './observe/read-cluster.ts'
import { CreateTrail } from './storage/migrations/0001-create-trail.ts'
import { rights } from './storage/migrations/rights.ts'
import { lastPosition, messagesAfter } from './storage/read-messages.ts'
import { findPayments } from './storage/read-payments.ts'

const name = 'console'

await runService({
  name,
  readConfig,
  entities: [],
  migrations: [CreateTrail],
  // The books are sums over all payments and ledger rows.
  readsWholeTables: true,
  rights,
  async wire({ config, database, kafka, log, metrics, scope, tracer, admission }) {
    const feed = createFeed({
      read: async (after, limit) => {
        const rows = await messagesAfter(database.em(), after, limit)
        const paymentIds = rows.flatMap(({ topic, payment_id }) =>
          topic === 'payment-events' ? (payment_id ?? []) : [],
        )
        const payments = await findPayments(database.em(), [...new Set(paymentIds)])
        const paymentOf = new Map(payments.map((payment) => [payment.paymentId, payment]))
        return rows.map((row) =>
          toFeedEvent(row, row.topic === 'payment-events' ? paymentOf.get(row.payment_id ?? '') : undefined),
        )
      },
      end: () => lastPosition(database.em()),
      log,
      heartbeatMs: config.heartbeatMs,
      unreadBytesMax: config.unreadBytesMax,
      onDropped: () => admission.refused('unread_answers', 'stream'),
    })
    const cluster = connectCluster(kafka)
    scope.onStop('cluster', () => cluster.close())
    const overview = watchOverview({
      consumer: name,
      database,
      cluster,
      metricsTargets: config.metricsTargets,
      stuckAfterMs: config.stuckAfterMs,
      log,
      isWatched: () => feed.readers > 0,
      onOverview: (overview) => feed.publish(overview),
    })
    scope.onStop('overview', () => overview.stop())
    const addresses = {
      payment: config.paymentAddress,
      point: config.pointAddress,
      reservation: config.reservationAddress,
    }
    const services = connectServices(addresses, channelCredentials(config))
    scope.onStop('services', () => services.close())
    const server = createServer({
      consumer: name,
      database,
      cluster,
      services,
      feed,
      log,
      metrics,
      tracer,
      signIn: config,
      admission,
      pageDir: config.pageDir,
      look: overview.look,
    })
    const separator = config.httpAddress.lastIndexOf(':')
    const httpAddress = await server.listen({
      host: config.httpAddress.slice(0, separator),
      port: Number(config.httpAddress.slice(separator + 1)),
    })
    scope.onStop('http server', () => server.close())
    // Ends the streams at once, before the other parts stop, so that their readers go to another replica.
    scope.stopping.addEventListener('abort', () => void feed.stop(), { once: true })
    log.info({ httpAddress }, 'the page is served')
    return { services: [], handler: auditTrail(() => feed.poke()) }
  },
})

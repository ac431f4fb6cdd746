import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { startTestService, type TestService } from '@boxoffice/common/testing/service.ts'
import type { MessageHandler } from '@boxoffice/messaging'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { checkoutService } from '../api/checkout-service.ts'
import { historyMessage } from '../contract/to-proto.ts'
import { createPaymentDecider } from '../domain/payment-decider.ts'
import { sagaEvents } from '../messages/saga-events.ts'
import { createPaymentMetrics } from '../metrics.ts'
import { entities } from '../storage/entities.ts'
import { rights } from '../storage/migrations/rights.ts'
import { migrations } from '../storage/migrations.ts'
import { paymentStore } from '../storage/payment-store.ts'
import { readPayments } from '../storage/read-payments.ts'
import { createPaymentParts } from '../use-cases/advance-payments.ts'
import type { PaymentParts } from '../use-cases/payment-parts.ts'
import { createPaymentFeed, type PaymentFeed } from '../watch/payment-feed.ts'

/** The payment service on a fresh database, without Kafka: tests hand messages to `handler`. */
export interface RunningPayment extends TestService<typeof CheckoutService.method> {
  readonly handler: MessageHandler<EntityManager>
  readonly timers: PaymentParts
  /** The feed that committed payments are published to. */
  readonly feed: PaymentFeed
}

/** So long that nothing is due unless a test moves the times in the database. */
const decider = createPaymentDecider({ deadlineMs: 600_000, askAgainMs: 600_000, askAgainMaxMs: 600_000 })

export async function startPayment(): Promise<RunningPayment> {
  let timers: PaymentParts | undefined
  let feed: PaymentFeed | undefined
  const service = await startTestService(CheckoutService, { entities, migrations, rights }, (database) => {
    feed = createPaymentFeed(async (paymentIds, afterSequence) =>
      (await readPayments(database.em(), paymentIds, afterSequence)).map(historyMessage),
    )
    timers = createPaymentParts({ database, store: paymentStore, decider, watchers: feed })
    return checkoutService(timers, feed, createPaymentMetrics(createMetrics('payment')))
  })
  if (timers === undefined || feed === undefined) throw new Error('the service was not wired')
  return { ...service, timers, feed, handler: sagaEvents(timers) }
}

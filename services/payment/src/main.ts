import { runService, type ServiceParts } from '@boxoffice/common/service/run-service.ts'
import { every } from '@boxoffice/pacing'
import { checkoutService } from './api/checkout-service.ts'
import { readConfig } from './config.ts'
import { historyMessage } from './contract/to-proto.ts'
import { createPaymentDecider } from './domain/payment-decider.ts'
import { pointEventsTopic, sagaEvents } from './messages/saga-events.ts'
import { createPaymentMetrics, type PaymentMetrics } from './metrics.ts'
import { paymentRestoreHandler } from './restore/restore-handler.ts'
import { entities } from './storage/entities.ts'
import { rights } from './storage/migrations/rights.ts'
import { migrations } from './storage/migrations.ts'
import { paymentStore } from './storage/payment-store.ts'
import { readPayments } from './storage/read-payments.ts'
import { watchAnswers } from './timers/answers-read.ts'
import { observePayments } from './timers/observe-payments.ts'
import { createPaymentParts } from './use-cases/advance-payments.ts'
import { askAgain } from './use-cases/ask-again.ts'
import { failOverdue } from './use-cases/fail-overdue.ts'
import { forgetEndedReservations } from './use-cases/forget-reservations.ts'
import type { PaymentParts } from './use-cases/payment-parts.ts'
import { countFinished } from './watch/count-finished.ts'
import { createPaymentFeed } from './watch/payment-feed.ts'
import { startPaymentTail } from './watch/payment-tail.ts'

const name = 'payment'
const forgetIntervalMs = 60_000
type Parts = ServiceParts<ReturnType<typeof readConfig>>

await runService({
  name,
  readConfig,
  entities,
  migrations,
  rights,
  async wire(parts) {
    const { config, database, kafka, log, scope } = parts
    const metrics = createPaymentMetrics(parts.metrics)
    const stored = createPaymentFeed(async (paymentIds, afterSequence) =>
      (await readPayments(database.em(), paymentIds, afterSequence)).map(historyMessage),
    )
    const feed = countFinished(stored, metrics)
    const tail = await startPaymentTail({ kafka, feed, log })
    scope.onStop('payment tail', () => tail.stop())
    const decider = createPaymentDecider(config)
    const payments = createPaymentParts({ database, store: paymentStore, decider, watchers: feed })
    startTimers(parts, payments, metrics)
    return {
      services: [checkoutService(payments, feed, metrics)],
      handler: sagaEvents(payments),
      restoring: paymentRestoreHandler(decider),
    }
  },
})

function startTimers(
  { config, database, kafka, log, tracer, scope }: Parts,
  payments: PaymentParts,
  metrics: PaymentMetrics,
): void {
  const timerScope = { ...payments, tracer }
  const answers = watchAnswers({ kafka, database, consumer: name, topic: pointEventsTopic })
  const timers = [
    every(config.timerIntervalMs, 'ask again', log, (stopping) => askAgain(timerScope, stopping)),
    every(config.timerIntervalMs, 'fail overdue', log, (stopping) =>
      failOverdue({ ...timerScope, answersRead: () => answers.readToEnd() }, stopping),
    ),
    every(forgetIntervalMs, 'forget reservations', log, (stopping) =>
      forgetEndedReservations(database, stopping),
    ),
    every(config.observeIntervalMs, 'observe payments', log, () =>
      observePayments({ database, metrics, stuckAfterMs: config.stuckAfterMs }),
    ),
  ]
  scope.onStop('timers', async () => {
    await answers.close()
    await Promise.all(timers.map((timer) => timer.stop()))
  })
}

import { every } from '@boxoffice/common/lifecycle/every.ts'
import { runService, type ServiceParts } from '@boxoffice/common/service/run-service.ts'
import { checkoutService } from './api/checkout-service.ts'
import { readConfig } from './config.ts'
import { historyMessage } from './contract/to-proto.ts'
import { restoringPayments } from './messages/payment-events.ts'
import { pointEventsTopic, sagaEvents } from './messages/saga-events.ts'
import { createPaymentMetrics, type PaymentMetrics } from './metrics.ts'
import { entities } from './storage/entities.ts'
import { rights } from './storage/migrations/rights.ts'
import { migrations } from './storage/migrations.ts'
import { readPayments } from './storage/read-payments.ts'
import { watchAnswers } from './timers/answers-read.ts'
import { askAgain } from './timers/ask-again.ts'
import { failOverdue } from './timers/fail-overdue.ts'
import { forgetEndedReservations } from './timers/forget-reservations.ts'
import { observePayments } from './timers/observe-payments.ts'
import { countFinished } from './watch/count-finished.ts'
import { createPaymentFeed, type PaymentFeed } from './watch/payment-feed.ts'
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
    const told = createPaymentFeed(async (paymentIds, afterSequence) =>
      (await readPayments(database.em(), paymentIds, afterSequence)).map(historyMessage),
    )
    const feed = countFinished(told, metrics)
    const tail = await startPaymentTail({ kafka, feed, log })
    scope.onStop('payment tail', () => tail.stop())
    startTimers(parts, feed, metrics)
    return {
      services: [checkoutService(database, feed, config, metrics)],
      handler: sagaEvents(config, feed),
      restoring: restoringPayments(config),
    }
  },
})

function startTimers(
  { config, database, kafka, log, tracer, scope }: Parts,
  feed: PaymentFeed,
  metrics: PaymentMetrics,
): void {
  const timerScope = { database, feed, patience: config, tracer }
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

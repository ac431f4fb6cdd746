import type { Order } from '../../services/payment/src/domain/payment.ts'
import { createPaymentDecider } from '../../services/payment/src/domain/payment-decider.ts'
import { pointEventSchemas } from '../../services/payment/src/messages/point-events.ts'
import { reservationEventSchemas } from '../../services/payment/src/messages/reservation-events.ts'
import { toAnswers } from '../../services/payment/src/messages/to-step.ts'
import {
  copyPaymentTables,
  emptyPaymentTables,
  memoryPaymentStore,
  type PaymentTables,
} from '../../services/payment/src/testing/memory-payments.ts'
import { acceptPayments } from '../../services/payment/src/use-cases/accept-payments.ts'
import { createPaymentParts } from '../../services/payment/src/use-cases/advance-payments.ts'
import { askAgain } from '../../services/payment/src/use-cases/ask-again.ts'
import { cancelPayment } from '../../services/payment/src/use-cases/cancel-payment.ts'
import { failOverdue } from '../../services/payment/src/use-cases/fail-overdue.ts'
import { handleAnswers } from '../../services/payment/src/use-cases/handle-answers.ts'
import type { Guards } from './guards.ts'
import type { MessageLog } from './message-log.ts'
import { Service } from './service.ts'
import { unlessRefused } from './unless-refused.ts'

export const patienceMs = 60
const decider = createPaymentDecider({ deadlineMs: patienceMs, askAgainMs: 10, askAgainMaxMs: patienceMs })

/** The payment service: its real use cases on tables in memory. */
export function createPaymentService(log: MessageLog, guards: Pick<Guards, 'inbox'>, clock: () => Date) {
  const store = memoryPaymentStore(clock)
  const service: Service<PaymentTables> = new Service<PaymentTables>(
    {
      topics: ['point-events', 'reservation-events'],
      schemas: [...pointEventSchemas, ...reservationEventSchemas],
      hasInbox: guards.inbox,
      tables: emptyPaymentTables(),
      copyTables: copyPaymentTables,
      handle: async (tx, messages) => (await handleAnswers(tx, toAnswers(messages), parts)).outbox,
    },
    log,
  )
  const parts = createPaymentParts({
    database: service,
    store,
    decider,
    watchers: { publish: () => undefined },
  })
  let requests = 0
  return Object.assign(service, {
    async checkOut(order: Order): Promise<void> {
      await acceptPayments(parts, [{ ...order, traceparent: '' }])
    },
    async cancel(paymentId: string): Promise<void> {
      const subject = service.tables.payments.get(paymentId)?.userId ?? 'alice'
      const fingerprint = Buffer.from(paymentId)
      const call = { subject, method: 'CancelPayment', requestId: `${++requests}`, fingerprint }
      await unlessRefused(cancelPayment(parts, { ...call, resourceId: paymentId }, ''))
    },
    askAgain: () => askAgain(parts),
    failOverdue: () => failOverdue({ ...parts, answersRead: async () => service.hasRead('point-events') }),
  })
}

import { recordId } from '@boxoffice/messaging/records'
import type {
  PaymentAcceptedEvent,
  PaymentCompletedEvent,
  PaymentFailedEvent,
  PaymentProcessingEvent,
  PaymentSettledEvent,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  type PointRefundedEvent,
  PointRefundedEventSchema,
  type PointsChargedEvent,
  PointsChargedEventSchema,
  type PointUsedEvent,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
  type SeatsHeldEvent,
  SeatsHeldEventSchema,
  type SeatsReleasedEvent,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Facts, LedgerFact } from '../storage/record-facts.ts'
import type { AuditedRecord } from './read-record.ts'

/**
 * Extracts what messages state about payments, points and seats. Skips dead letters and records that cannot be
 * decoded.
 */
export function factsOf(records: readonly AuditedRecord[]): Facts {
  const messages = records.filter(({ problem, topic }) => problem === null && !topic.endsWith('-dlt'))
  return {
    payments: messages.flatMap(({ topic, body }) =>
      topic === 'payment-events' ? ((body as PaymentEvent).payment ?? []) : [],
    ),
    ledger: messages.flatMap(ledgerFact),
    sales: messages.flatMap(({ type, body }) => {
      if (type !== SeatsConfirmedEventSchema.typeName) return []
      const { success, paymentId, reservation } = body as SeatsConfirmedEvent
      return success && reservation !== undefined ? { paymentId, reservation } : []
    }),
    reservations: messages.flatMap((message) => reservationOf(message) ?? []),
  }
}

type PaymentEvent =
  | PaymentAcceptedEvent
  | PaymentProcessingEvent
  | PaymentCompletedEvent
  | PaymentFailedEvent
  | PaymentSettledEvent

/** The reservation in an event of the topic reservation-events. */
export function reservationOf({ type, body }: Pick<AuditedRecord, 'type' | 'body'>) {
  switch (type) {
    case SeatsConfirmedEventSchema.typeName:
      return (body as SeatsConfirmedEvent).reservation
    case SeatsHeldEventSchema.typeName:
      return (body as SeatsHeldEvent).reservation
    case SeatsReleasedEventSchema.typeName:
      return (body as SeatsReleasedEvent).reservation
    default:
      return undefined
  }
}

function ledgerFact({ type, body, record }: AuditedRecord): LedgerFact[] {
  const messageId = recordId(record)
  switch (type) {
    case PointUsedEventSchema.typeName: {
      const { success, ...event } = body as PointUsedEvent
      return success ? [{ ...event, messageId, kind: 'DEBIT' }] : []
    }
    case PointRefundedEventSchema.typeName: {
      const event = body as PointRefundedEvent
      return event.amount > 0n ? [{ ...event, messageId, kind: 'REFUND' }] : []
    }
    case PointsChargedEventSchema.typeName:
      return [{ ...(body as PointsChargedEvent), messageId, paymentId: null, kind: 'CHARGE' }]
    default:
      return []
  }
}

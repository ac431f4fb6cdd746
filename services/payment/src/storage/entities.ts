import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { FailureReason, Points, Refund, Seats, Status } from '../domain/payment.ts'

export const PaymentEntity = defineEntity({
  name: 'Payment',
  tableName: 'payment',
  properties: {
    paymentId: p.uuid().primary(),
    userId: p.text(),
    reservationId: p.uuid(),
    amount: p.bigint(),
    points: p.text().$type<Points>(),
    seats: p.text().$type<Seats>(),
    refund: p.text().$type<Refund>(),
    status: p.text().$type<Status>(),
    failureReason: p.text().$type<FailureReason>().strictNullable(),
    sequence: p.integer(),
    attempt: p.integer(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
    deadline: p.datetime(),
    askAgainAt: p.datetime().strictNullable(),
  },
})

export const PaymentTransitionEntity = defineEntity({
  name: 'PaymentTransition',
  tableName: 'payment_transition',
  properties: {
    paymentId: p.uuid().primary(),
    sequence: p.integer().primary(),
    status: p.text().$type<Status>(),
    failureReason: p.text().$type<FailureReason>().strictNullable(),
    refund: p.text().$type<Refund>(),
    occurredAt: p.datetime(),
  },
})

export type PaymentRow = InferEntity<typeof PaymentEntity>
export type PaymentTransitionRow = InferEntity<typeof PaymentTransitionEntity>

export const entities = [PaymentEntity, PaymentTransitionEntity]

import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** The rights of payment's role. User, amount, reservation and deadline of a payment cannot be updated. */
export const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    payment:
      'SELECT, INSERT, UPDATE (points, seats, refund, status, failure_reason, sequence, attempt, updated_at, ask_again_at, traceparent)',
    payment_transition: appendOnly,
    known_reservation: 'SELECT, INSERT, UPDATE (state, held_until, version), DELETE',
  },
  functions: messagingRights.functions,
}

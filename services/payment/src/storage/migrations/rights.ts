import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** What payment's role may do. Who pays how much for what, and until when, stays as it was accepted. */
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

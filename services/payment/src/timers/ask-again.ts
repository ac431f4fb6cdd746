import { advanceDue, type TimerScope } from './advance-due.ts'

/**
 * Puts open questions once more whose answer has not come for a while (lost, or put aside and discarded). The participant
 * answers a payment that it knows with the outcome on record, so asking too often costs time and nothing else.
 */
export async function askAgain(scope: TimerScope, stopping?: AbortSignal): Promise<void> {
  await advanceDue(scope, selectUnanswered, [], { type: 'ANSWER_MISSING' }, stopping)
}

const selectUnanswered = `
  SELECT payment_id, traceparent FROM payment
  WHERE ask_again_at <= now()
  ORDER BY payment_id
  LIMIT $1
  FOR UPDATE SKIP LOCKED`

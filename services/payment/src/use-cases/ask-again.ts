import { lockUnanswered } from '../storage/select-due.ts'
import { advanceDue, type TimerScope } from './advance-due.ts'

/**
 * Puts open questions once more whose answer has not come for a while (lost, or put aside and discarded). The participant
 * answers a payment that it knows with the outcome on record, so asking too often costs time and nothing else.
 */
export async function askAgain(scope: TimerScope, stopping?: AbortSignal): Promise<void> {
  await advanceDue(scope, lockUnanswered, { type: 'ANSWER_MISSING' }, stopping)
}

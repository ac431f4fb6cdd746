import { advanceDue, type TimerScope } from './advance-due.ts'

/**
 * Sends open questions again whose answer has not come for a while (lost, or put aside and discarded). The participant
 * answers a payment that it knows with the recorded outcome, so asking too often costs time and nothing else.
 */
export async function askAgain<Tx>(scope: TimerScope<Tx>, stopping?: AbortSignal): Promise<void> {
  await advanceDue(scope, scope.store.lockUnanswered, { type: 'ANSWER_MISSING' }, stopping)
}

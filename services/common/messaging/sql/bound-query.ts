import { boundAnswers, NoAnswerError } from './bound-answers.ts'

/** The method of a client of pg, in any of its forms. */
export type Query = (...parameters: unknown[]) => unknown

/**
 * Puts a bound on a client's method `query`: the answers that it returns as promises must come in time.
 *
 * @param giveUp - called when answers are due and none has come for `answerMs`. It closes the connection with this
 *   reason, so that all waiting statements fail with it. (pg's `query_timeout` only stops waiting: the next borrower
 *   would wait in turn.)
 * @returns the method to call instead of `query`
 */
export function boundQuery(query: Query, answerMs: number, giveUp: (reason: NoAnswerError) => void): Query {
  const bound = boundAnswers(answerMs, () => giveUp(new NoAnswerError(answerMs)))
  return (...parameters) => {
    const answer = query(...parameters)
    return answer instanceof Promise ? bound(answer) : answer
  }
}

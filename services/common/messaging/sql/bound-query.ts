import { boundAnswers, NoAnswerError } from './bound-answers.ts'

/** The method of a client of pg, in any of its forms. */
export type Query = (...parameters: unknown[]) => unknown

/**
 * Watches over a client's method `query`: whatever it is asked by a promise has to be answered in time.
 *
 * @param giveUp - called when answers are due and none has come for `answerMs`: it closes the connection for this reason, with which
 *   all that waits on it fails. (pg's `query_timeout` only stops waiting: the next borrower would wait in turn.)
 * @returns what is to be called instead of `query`
 */
export function boundQuery(query: Query, answerMs: number, giveUp: (reason: NoAnswerError) => void): Query {
  const bound = boundAnswers(answerMs, () => giveUp(new NoAnswerError(answerMs)))
  return (...parameters) => {
    const answer = query(...parameters)
    return answer instanceof Promise ? bound(answer) : answer
  }
}

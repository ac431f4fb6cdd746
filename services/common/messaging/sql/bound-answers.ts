/** The database has not answered in time: it is out of reach, or it hangs. What it has done is not known. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError'
  readonly code = 'NO_ANSWER'

  constructor(waitedMs: number, options?: ErrorOptions) {
    super(`no answer of the database within ${waitedMs} ms: the connection is given up`, options)
  }
}

/**
 * Puts a bound on the answers that one connection waits for. It starts again at each answer.
 *
 * @param onSilence - called when answers are due and none has come for `boundMs`
 * @returns a function through which each answer has to be passed
 */
export function boundAnswers(
  boundMs: number,
  onSilence: () => void,
): <Answer>(answer: Promise<Answer>) => Promise<Answer> {
  let due = 0
  let answered = 0
  let timer: NodeJS.Timeout | undefined

  function wait(): void {
    clearTimeout(timer)
    if (due > 0) timer = setTimeout(lookOnce, boundMs)
  }

  /** A process that was paused runs its timers before it reads what has arrived: that is read before the verdict. */
  function lookOnce(): void {
    const before = answered
    setImmediate(() => {
      if (due > 0 && answered === before) onSilence()
    })
  }

  function answeredOne(): void {
    due -= 1
    answered += 1
    wait()
  }

  return (answer) => {
    due += 1
    if (due === 1) wait()
    answer.then(answeredOne, answeredOne)
    return answer
  }
}

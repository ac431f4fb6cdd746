/** Posts a change, and gives the answer. */
export type Send = <Answer>(path: string, body?: object) => Promise<Answer>

/**
 * Gives each change that is asked for a request id, and keeps it until the change has an answer: whoever asks for the same
 * once more after an answer that was lost, asks under the same id, and it is done once. The same is what has the same path
 * and body.
 *
 * @param post - throws what has the `status` of the answer, if there was one
 */
export function keepRequestIds(post: Send): Send {
  const open = new Map<string, string>()
  return async <Answer>(path: string, body: object = {}): Promise<Answer> => {
    const change = `${path} ${JSON.stringify(body)}`
    const requestId = open.get(change) ?? crypto.randomUUID()
    open.set(change, requestId)
    const close = (): void => {
      // Another try of it may have been answered before, and a new change be under way.
      if (open.get(change) === requestId) open.delete(change)
    }
    try {
      const answer = await post<Answer>(path, { requestId, ...body })
      close()
      return answer
    } catch (error) {
      if (isRefusal(error)) close()
      throw error
    }
  }
}

/**
 * Whether an error is a definite answer: no. Without an answer, or with one about something else, such as the caller's
 * token or hurry, nobody knows what became of an earlier try.
 */
export function isRefusal(error: unknown): boolean {
  const { status = 0 } = error as { status?: number }
  return status >= 400 && status < 500 && !undecided.includes(status)
}

const undecided = [401, 403, 408, 429]

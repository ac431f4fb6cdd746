/** Posts a change, and returns the answer. */
export type Send = <Answer>(path: string, body?: object) => Promise<Answer>

/**
 * Gives each change a request id, and keeps it until the change has an answer. A repeat after a lost answer has the
 * same id, and so the change is done once. Changes are the same if they have the same path and body.
 *
 * @param post - throws an error with the `status` of the answer, if there was one
 */
export function keepRequestIds(post: Send): Send {
  const open = new Map<string, string>()
  return async <Answer>(path: string, body: object = {}): Promise<Answer> => {
    const change = `${path} ${JSON.stringify(body)}`
    const requestId = open.get(change) ?? crypto.randomUUID()
    open.set(change, requestId)
    const close = (): void => {
      // Another try may have been answered before, and a new change may be in progress.
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
 * Whether an error is a definite refusal. Without an answer, or with one about something else, such as the caller's
 * token or rate, the result of an earlier try is unknown.
 */
export function isRefusal(error: unknown): boolean {
  const { status = 0 } = error as { status?: number }
  return status >= 400 && status < 500 && !undecided.includes(status)
}

const undecided = [401, 403, 408, 429]

import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

const passing: readonly number[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED]

/**
 * Returns a service's answer, or undefined while it is unavailable, so that following a replay or restore does not
 * end.
 */
export async function unlessAway<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RemoteError && passing.includes(error.code)) return undefined
    throw error
  }
}

import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

const passing: readonly number[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED]

/** What a service answers; undefined while it is away, which ends nothing that goes on by itself. */
export async function unlessAway<Answer>(ask: () => Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof RemoteError && passing.includes(error.code)) return undefined
    throw error
  }
}

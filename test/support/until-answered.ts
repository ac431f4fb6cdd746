import { setTimeout as sleep } from 'node:timers/promises'
import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

const unanswered: readonly number[] = [Code.UNAVAILABLE, Code.DEADLINE_EXCEEDED, Code.CANCELLED]
const retryMs = 100

/** Repeats a call until it is answered. @throws RemoteError of a refusal, or of the last attempt after `patienceMs` */
export async function untilAnswered<T>(call: () => Promise<T>, patienceMs = 60_000): Promise<T> {
  const deadline = performance.now() + patienceMs
  while (true) {
    try {
      return await call()
    } catch (error) {
      const isUnanswered = error instanceof RemoteError && unanswered.includes(error.code)
      if (!isUnanswered || performance.now() > deadline) throw error
      await sleep(retryMs)
    }
  }
}

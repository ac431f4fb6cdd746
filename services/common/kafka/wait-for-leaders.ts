import { setTimeout as delay } from 'node:timers/promises'
import { failureText } from './failure-text.ts'

/** What brokers say of the partitions of some topics. */
export interface LeaderView {
  /** `host:port` of each broker, as the cluster knows them now. */
  brokers(): Promise<readonly string[]>
  /** Whether every partition has a leader, as this broker knows it. */
  knowsLeaders(broker: string): Promise<boolean>
}

/** Why the wait goes on. */
interface Lack {
  readonly where: string
  readonly reason: string
  readonly cause: unknown
}

const pollMs = 50

/**
 * Waits until every broker says that every partition has a leader. What passes by itself (a leader that is being elected, a broker
 * that starts again) is waited for.
 *
 * @throws Error if that is not so within `withinMs`, with the broker and what it said last; what a broker refuses for good, at once
 */
export async function waitForLeaders(
  view: LeaderView,
  topics: readonly string[],
  withinMs: number,
): Promise<void> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const lack = await findLack(view)
    if (lack === undefined) return
    if (performance.now() > deadline) {
      const { where, reason, cause } = lack
      throw new Error(
        `not every partition has a leader after ${withinMs / 1_000} s, says ${where}: ${reason} (${topics.join(', ')})`,
        { cause },
      )
    }
    await delay(pollMs)
  }
}

async function findLack(view: LeaderView): Promise<Lack | undefined> {
  let brokers: readonly string[]
  try {
    brokers = await view.brokers()
  } catch (error) {
    return lackOf('the cluster', error)
  }
  const lacks = await Promise.all(
    brokers.map(async (broker): Promise<Lack | undefined> => {
      const where = `broker ${broker}`
      try {
        if (await view.knowsLeaders(broker)) return undefined
        return { where, reason: 'it knows none', cause: undefined }
      } catch (error) {
        return lackOf(where, error)
      }
    }),
  )
  return lacks.find((lack) => lack !== undefined)
}

/** @throws unknown the error, where waiting does not help */
function lackOf(where: string, error: unknown): Lack {
  if (!passes(error)) throw error
  return { where, reason: failureText(error), cause: error }
}

/**
 * Whether an error goes by itself. KafkaJS calls it so of the broker's answer or the connection, and wraps that, once it has tried
 * often enough, in an error of which it says the opposite.
 */
function passes(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ('retriable' in cause && cause.retriable === true) return true
  }
  return false
}

import { setTimeout as delay } from 'node:timers/promises'
import { failureText } from './failure-text.ts'

/** Asks brokers for the leaders of some topics' partitions. */
export interface LeaderView {
  /** `host:port` of each broker that the cluster knows now. */
  brokers(): Promise<readonly string[]>
  /** Whether this broker knows a leader for every partition. */
  knowsLeaders(broker: string): Promise<boolean>
}

/** The reason for which the wait goes on. */
interface Lack {
  readonly where: string
  readonly reason: string
  readonly cause: unknown
}

const pollMs = 50

/**
 * Waits until every broker knows a leader for every partition. It waits for failures that pass by themselves: a leader
 * that is being elected, a broker that is restarting.
 *
 * @throws Error after `withinMs`, with the broker and its last answer; at once, for what a broker refuses for ever
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

/** @throws the error itself, if waiting does not help */
function lackOf(where: string, error: unknown): Lack {
  if (!passes(error)) throw error
  return { where, reason: failureText(error), cause: error }
}

/**
 * Whether an error passes by itself. KafkaJS marks the broker's answer or the connection's error as retriable. After
 * its last attempt it wraps that in an error that is marked as not retriable.
 */
function passes(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    if ('retriable' in cause && cause.retriable === true) return true
  }
  return false
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { AbortedTransaction } from './aborted-transactions.ts'
import { type ExpansionBudget, type FetchedMessage, readBatches } from './read-batches.ts'

/** The most memory for the batches of one fetch, except for the last one: three brokers answer at the same time. */
export const responseBytesMax = 16 * 1024 * 1024
/** The most memory for all fetches of a process together, whatever their brokers and groups. */
const processBytesMax = 3 * responseBytesMax
/** Shorter than a session: a member that waits for room may send no heartbeats in the meantime. */
const patienceMs = 3_000

/** Messages in memory, and whether they still count. */
interface Held {
  bytes: number
}

/**
 * Bounds the memory of all fetched messages together, from their decoding until they are handled.
 *
 * A fetch that finds no room waits. After a while it goes on with one batch, the smallest step: messages that were
 * fetched and then dropped, as in a rebalance, are only released by the garbage collector, and no fetch may wait for
 * that for ever.
 */
export class FetchedMemory {
  readonly #bytesMax: number
  readonly #patienceMs: number
  readonly #heldOf = new WeakMap<object, Held>()
  readonly #dropped = new FinalizationRegistry<Held>((held) => this.#giveBack(held))
  #heldBytes = 0
  #turn: Promise<unknown> = Promise.resolve()
  #room = Promise.withResolvers<void>()

  constructor(bytesMax: number, patience: number) {
    this.#bytesMax = bytesMax
    this.#patienceMs = patience
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Decodes one answer, after the earlier ones, within the room that is left. Errors of `decode` are passed on. */
  async decode<T>(read: (budget: ExpansionBudget) => Promise<T>): Promise<T> {
    const askedAt = performance.now()
    const decoded = this.#turn.then(async () => {
      await this.#waitForRoom(askedAt + this.#patienceMs)
      return await read({
        bytesLeft: Math.max(1, Math.min(responseBytesMax, this.#bytesMax - this.#heldBytes)),
      })
    })
    this.#turn = decoded.catch(() => {})
    return await decoded
  }

  /** The same as `readBatches`; the messages count until they are released. */
  async readBatches(
    bytes: Buffer,
    aborted: readonly AbortedTransaction[],
    budget: ExpansionBudget,
  ): Promise<FetchedMessage[]> {
    const before = budget.bytesLeft
    const messages = await readBatches(bytes, aborted, budget)
    const held = { bytes: before - budget.bytesLeft }
    if (held.bytes === 0) return messages
    this.#heldBytes += held.bytes
    this.#heldOf.set(messages, held)
    this.#dropped.register(messages, held)
    return messages
  }

  /** Releases messages that were handled. Unknown or released ones change nothing. */
  release(messages: object): void {
    const held = this.#heldOf.get(messages)
    if (held !== undefined) this.#giveBack(held)
  }

  #giveBack(held: Held): void {
    this.#heldBytes -= held.bytes
    held.bytes = 0
    this.#room.resolve()
  }

  async #waitForRoom(untilMs: number): Promise<void> {
    if (this.#heldBytes < this.#bytesMax) return
    const waiting = new AbortController()
    const leftMs = Math.max(0, untilMs - performance.now())
    const late = sleep(leftMs, 'late', { signal: waiting.signal }).catch(() => 'late')
    while (this.#heldBytes >= this.#bytesMax) {
      this.#room = Promise.withResolvers()
      if ((await Promise.race([this.#room.promise, late])) === 'late') break
    }
    waiting.abort()
  }
}

/** The memory of all clients of this process. */
export const fetchedMemory = new FetchedMemory(processBytesMax, patienceMs)

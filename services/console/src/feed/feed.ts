import { createTurns } from '@boxoffice/common/admission/turns.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FeedEvent, Overview } from '../contract/answers.ts'
import { type FeedClient, type FeedFilter, type FeedSink, openClient } from './feed-client.ts'
import { batchOf, comment, eventText, type WireEvent } from './wire.ts'

export interface FeedOptions {
  /** What the trail holds behind a position, in its order; at most so many. */
  read(after: bigint, limit: number): Promise<readonly FeedEvent[]>
  /** Up to where the trail has been written. */
  end(): Promise<bigint>
  readonly log: Logger
  /** How often the trail is looked at for what other replicas have written. */
  readonly pollMs?: number
  readonly heartbeatMs?: number
  /** What all readers together may leave untaken; those with the most are dropped first. */
  readonly unreadBytesMax?: number
  /** Told of each reader that is dropped for that. */
  readonly onDropped?: () => void
}

/** The trail as a stream for any number of readers. */
export interface Feed {
  /** Looks at the trail at once: this replica has written to it. */
  poke(): void
  /** Tells every reader how things stand. */
  tell(overview: Overview): void
  /**
   * Streams what is behind `after`, or what is new; returns what ends it. Each event's id is its position. Once the feed has
   * stopped, a stream ends as it begins.
   */
  open(sink: FeedSink, filter: FeedFilter, after: bigint | undefined): () => void
  readonly readers: number
  /** Nobody is to be taken in any more: what serves this replica goes on for a while. */
  readonly isStopped: boolean
  /** Ends every stream; their readers come back to another replica. */
  stop(): Promise<void>
}

const pageMax = 500
/** Readers whose missed events are read and written at the same time. */
const catchingUpMax = 4
const never = new AbortController().signal
const reader = 'reader'

/**
 * Follows the trail with one query for all readers, which share the bytes of what it brings. Positions are in the order of
 * commits, so that a reader that names the last one it saw misses nothing, on whichever replica.
 */
export function createFeed(options: FeedOptions): Feed {
  return new TrailFeed(options)
}

class TrailFeed implements Feed {
  readonly #options: FeedOptions
  readonly #catchingUp = createTurns({ unitsMax: catchingUpMax, unitsPerKeyMax: catchingUpMax })
  readonly #clients = new Set<FeedClient>()
  readonly #timers: readonly NodeJS.Timeout[]
  #last: bigint | undefined
  #looking: Promise<void> | undefined
  #again = false
  #stopped = false
  #overview: Buffer | undefined

  constructor(options: FeedOptions) {
    const { pollMs = 100, heartbeatMs = 15_000 } = options
    this.#options = options
    this.#timers = [
      setInterval(() => this.poke(), pollMs),
      setInterval(() => {
        for (const client of this.#clients) client.write(comment)
      }, heartbeatMs),
    ]
  }

  get readers(): number {
    return this.#clients.size
  }

  get isStopped(): boolean {
    return this.#stopped
  }

  poke(): void {
    if (this.#looking !== undefined) this.#again = true
    else if (this.#clients.size > 0 && !this.#stopped) {
      this.#looking = this.#follow()
        .catch((err) =>
          this.#options.log.warn({ err }, 'the trail cannot be read for the streams, trying again'),
        )
        .finally(() => {
          this.#looking = undefined
          if (this.#again) {
            this.#again = false
            this.poke()
          }
        })
    }
  }

  tell(news: Overview): void {
    this.#overview = Buffer.from(eventText('overview', JSON.stringify(news)))
    for (const client of this.#clients) client.write(this.#overview)
    this.#shed()
  }

  open(sink: FeedSink, filter: FeedFilter, after: bigint | undefined): () => void {
    if (this.#stopped) {
      sink.end()
      return () => undefined
    }
    const { end, log } = this.#options
    const client = openClient({
      sink,
      filter,
      after,
      readPage: (from) => this.#readMissed(from),
      end,
      followed: () => this.#last,
      onGone: () => this.#clients.delete(client),
      log,
    })
    this.#clients.add(client)
    // Its end is unknown while nobody reads: what was written meanwhile is not new.
    if (this.#clients.size === 1 && this.#looking === undefined) this.#last = undefined
    if (this.#overview !== undefined) client.write(this.#overview)
    this.poke()
    return () => client.close()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    for (const timer of this.#timers) clearInterval(timer)
    for (const client of this.#clients) client.end()
    await this.#looking
  }

  async #follow(): Promise<void> {
    const from = this.#last ?? (await this.#options.end())
    this.#last ??= from
    const events = await this.#read(from)
    const newest = events.at(-1)
    if (newest === undefined) return await this.#goBackFrom(from)
    this.#last = newest.position
    const batch = batchOf(events)
    for (const client of this.#clients) client.take(batch)
    this.#shed()
    if (events.length === pageMax) this.#again = true
  }

  async #read(from: bigint): Promise<readonly WireEvent[]> {
    return (await this.#options.read(from, pageMax)).map(wireEvent)
  }

  async #readMissed(from: bigint): Promise<readonly WireEvent[]> {
    await this.#catchingUp.take(reader, 1, never)
    try {
      return await this.#read(from)
    } finally {
      this.#catchingUp.give(reader, 1)
    }
  }

  /** Each reader's share is bounded, and so is the sum: the slowest go first, and come back behind what they have seen. */
  #shed(): void {
    const { unreadBytesMax = 33_554_432, onDropped } = this.#options
    let unread = 0
    for (const { pendingBytes } of this.#clients) unread += pendingBytes
    if (unread <= unreadBytesMax) return
    const slowest = [...this.#clients].sort((a, b) => b.pendingBytes - a.pendingBytes)
    for (const client of slowest) {
      if (unread <= unreadBytesMax) return
      unread -= client.pendingBytes
      client.drop()
      onDropped?.()
    }
  }

  /** A trail that is built anew, or a database that was restored, ends before what was followed. */
  async #goBackFrom(from: bigint): Promise<void> {
    const found = await this.#options.end()
    if (found >= from) return
    this.#last = found
    for (const client of this.#clients) client.goBack(found)
  }
}

function wireEvent(event: FeedEvent): WireEvent {
  return {
    event,
    position: BigInt(event.position),
    text: eventText('message', JSON.stringify(event), event.position),
  }
}

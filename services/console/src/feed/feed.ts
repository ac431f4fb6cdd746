import { createTurns } from '@boxoffice/common/admission/turns.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FeedEvent, Overview } from '../contract/answers.ts'
import { type FeedClient, type FeedFilter, type FeedSink, openClient } from './feed-client.ts'
import { batchOf, comment, eventText, type WireEvent } from './wire.ts'

export interface FeedOptions {
  /** Reads at most `limit` events after a position, in the order of the trail. */
  read(after: bigint, limit: number): Promise<readonly FeedEvent[]>
  /** Returns the last position of the trail. */
  end(): Promise<bigint>
  readonly log: Logger
  /** How often the feed looks for records that other replicas have written. */
  readonly pollMs?: number
  readonly heartbeatMs?: number
  /** The bytes that all readers together may leave unread; those with the most are dropped first. */
  readonly unreadBytesMax?: number
  /** Called for each reader that is dropped for that. */
  readonly onDropped?: () => void
}

/** The trail as a stream for any number of readers. */
export interface Feed {
  /** Reads the trail at once, because this replica has written to it. */
  poke(): void
  /** Sends the overview to every reader. */
  publish(overview: Overview): void
  /**
   * Streams the events after `after`, or only new ones. Each event's id is its position. Once the feed has stopped, a
   * new stream ends at once.
   *
   * @returns ends the stream
   */
  open(sink: FeedSink, filter: FeedFilter, after: bigint | undefined): () => void
  readonly readers: number
  /** True once the feed accepts no more readers; the HTTP server of the replica runs on for a while. */
  readonly isStopped: boolean
  /** Ends every stream; their readers come back to another replica. */
  stop(): Promise<void>
}

const pageMax = 500
/** The number of readers that catch up at the same time. */
const catchingUpMax = 4
const never = new AbortController().signal
const reader = 'reader'

/**
 * Follows the trail with one query for all readers, which share the bytes of its result. Positions are in the order of
 * commits, so that a reader that names its last position misses nothing, on any replica.
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

  publish(overview: Overview): void {
    this.#overview = Buffer.from(eventText('overview', JSON.stringify(overview)))
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
    // While there is no reader the feed does not follow the trail: what was written in that time is not new to this
    // one.
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

  /**
   * Drops the slowest readers while all together have too much unread. They come back after the last event that they
   * saw.
   */
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

  /** Resets readers that are ahead of a shorter trail: it is being rebuilt, or its database was restored. */
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

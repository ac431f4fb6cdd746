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
export function createFeed({
  read,
  end,
  log,
  pollMs = 100,
  heartbeatMs = 15_000,
  unreadBytesMax = 33_554_432,
  onDropped = () => undefined,
}: FeedOptions): Feed {
  const catchingUp = createTurns({ unitsMax: catchingUpMax, unitsPerKeyMax: catchingUpMax })
  const clients = new Set<FeedClient>()
  let last: bigint | undefined
  let looking: Promise<void> | undefined
  let again = false
  let stopped = false
  let overview: Buffer | undefined

  const timer = setInterval(look, pollMs)
  const heart = setInterval(() => {
    for (const client of clients) client.write(comment)
  }, heartbeatMs)

  function look(): void {
    if (looking !== undefined) again = true
    else if (clients.size > 0 && !stopped) {
      looking = follow()
        .catch((err) => log.warn({ err }, 'the trail cannot be read for the streams, trying again'))
        .finally(() => {
          looking = undefined
          if (again) {
            again = false
            look()
          }
        })
    }
  }

  async function follow(): Promise<void> {
    const from = last ?? (await end())
    last ??= from
    const events = (await read(from, pageMax)).map(wireEvent)
    const newest = events.at(-1)
    if (newest === undefined) return await goBackFrom(from)
    last = newest.position
    const batch = batchOf(events)
    for (const client of clients) client.take(batch)
    shed()
    if (events.length === pageMax) again = true
  }

  /** Each reader's share is bounded, and so is the sum: the slowest go first, and come back behind what they have seen. */
  function shed(): void {
    let unread = 0
    for (const { pendingBytes } of clients) unread += pendingBytes
    if (unread <= unreadBytesMax) return
    const slowest = [...clients].sort((a, b) => b.pendingBytes - a.pendingBytes)
    for (const client of slowest) {
      if (unread <= unreadBytesMax) return
      unread -= client.pendingBytes
      client.drop()
      onDropped()
    }
  }

  async function readMissed(from: bigint): Promise<readonly WireEvent[]> {
    await catchingUp.take(reader, 1, never)
    try {
      return (await read(from, pageMax)).map(wireEvent)
    } finally {
      catchingUp.give(reader, 1)
    }
  }

  /** A trail that is built anew, or a database that was restored, ends before what was followed. */
  async function goBackFrom(from: bigint): Promise<void> {
    const found = await end()
    if (found >= from) return
    last = found
    for (const client of clients) client.goBack(found)
  }

  return {
    get readers() {
      return clients.size
    },
    get isStopped() {
      return stopped
    },
    poke: look,
    tell(news) {
      overview = Buffer.from(eventText('overview', JSON.stringify(news)))
      for (const client of clients) client.write(overview)
      shed()
    },
    open(sink, filter, after) {
      if (stopped) {
        sink.end()
        return () => undefined
      }
      const client = openClient({
        sink,
        filter,
        after,
        readPage: readMissed,
        end,
        followed: () => last,
        onGone: () => clients.delete(client),
        log,
      })
      clients.add(client)
      // Its end is unknown while nobody reads: what was written meanwhile is not new.
      if (clients.size === 1 && looking === undefined) last = undefined
      if (overview !== undefined) client.write(overview)
      look()
      return client.close
    },
    async stop() {
      stopped = true
      clearInterval(timer)
      clearInterval(heart)
      for (const client of clients) client.end()
      await looking
    },
  }
}

function wireEvent(event: FeedEvent): WireEvent {
  return {
    event,
    position: BigInt(event.position),
    text: eventText('message', JSON.stringify(event), event.position),
  }
}

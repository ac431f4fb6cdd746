import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FeedEvent } from '../contract/answers.ts'
import { eventText, retryText, type WireBatch, type WireEvent } from './wire.ts'

/** Which events a reader wants: those that match every field that is set. */
export interface FeedFilter {
  readonly paymentId?: string | undefined
  readonly concertId?: string | undefined
}

/** Where a stream writes: an HTTP response. */
export interface FeedSink {
  write(text: string | Buffer): boolean
  /** Bytes that wait in memory because the reader is slow. */
  readonly pendingBytes: number
  end(): void
  /** Drops the connection. */
  drop(): void
}

export interface FeedClient {
  /** Events that have just been read from the trail; they are kept out while it is still catching up. */
  take(batch: WireBatch): void
  write(text: string | Buffer): void
  /** Bytes that the reader has not taken. */
  readonly pendingBytes: number
  /** Drops the connection: the reader comes back, behind what it has seen. */
  drop(): void
  /** The trail ends before what was read: whoever has read further has to ask for the present state. */
  goBack(end: bigint): void
  /** Says good-bye: the reader comes back. */
  end(): void
  /** The reader has left. */
  close(): void
}

/** A reader that is further behind than this has to ask for the present state instead. */
const catchUpMax = 5_000n
/** A reader that does not read is dropped; it comes back with the last position that it saw. */
const pendingBytesMax = 1_048_576
/** What is read from the trail waits while the reader has so much to take. */
const catchUpBytesMax = 262_144
/** For a reader that takes nothing of what it has missed: then it is dropped. */
const catchUpWaitMsMax = 30_000
/** For the feed's first look, and for a reader. */
const waitMs = 10
const slowWaitMs = 100

/** One reader: first what it has missed, from the trail, then what is new. Nothing twice, nothing left out. */
export function openClient(options: {
  readonly sink: FeedSink
  readonly filter: FeedFilter
  readonly after: bigint | undefined
  readPage(after: bigint): Promise<readonly WireEvent[]>
  end(): Promise<bigint>
  /** Up to where the feed has followed the trail; undefined before its first look. */
  followed(): bigint | undefined
  onGone(): void
  readonly log: Logger
}): FeedClient {
  const { sink, filter } = options
  let cursor = options.after
  let live = false
  let gone = false

  function leave(): void {
    gone = true
    options.onGone()
  }

  function write(text: string | Buffer): void {
    if (gone) return
    if (sink.pendingBytes > pendingBytesMax) drop()
    else sink.write(text)
  }

  function drop(): void {
    leave()
    sink.drop()
  }

  async function untilTaken(): Promise<void> {
    const deadline = performance.now() + catchUpWaitMsMax
    while (!gone && sink.pendingBytes > catchUpBytesMax) {
      if (performance.now() > deadline) return drop()
      await sleep(slowWaitMs)
    }
  }

  function send(events: readonly WireEvent[]): void {
    const from = cursor ?? -1n
    const wanted = events.filter(({ position, event }) => position > from && isWanted(event, filter))
    const newest = events.at(-1)
    if (newest !== undefined && newest.position > from) cursor = newest.position
    if (wanted.length > 0) write(wanted.map(({ text }) => text).join(''))
  }

  /** What the reader has seen says nothing of how things stand. */
  function reset(end: bigint): void {
    cursor = end
    write(eventText('reset', '{}', String(end)))
  }

  async function catchUp(): Promise<void> {
    const end = await options.end()
    cursor ??= end
    // One that is ahead has read another trail: of a system before this one, or of a database before its backup.
    if (cursor > end || end - cursor > catchUpMax) reset(end)
    while (!gone) {
      await untilTaken()
      const events = await options.readPage(cursor)
      if (gone) return
      send(events)
      const followed = options.followed()
      // From this moment on the feed brings what is behind `followed`: nothing falls between, as no other turn does.
      if (followed !== undefined && cursor >= followed) break
      if (events.length === 0) await sleep(waitMs)
    }
    live = true
  }

  sink.write(retryText)
  catchUp().catch((err) => {
    options.log.warn({ err }, 'a stream cannot be caught up: its reader comes back')
    leave()
    sink.end()
  })

  return {
    take({ events, bytes }) {
      if (!live) return
      const [first] = events
      const newest = events.at(-1)
      const wantsAll = filter.paymentId === undefined && filter.concertId === undefined
      if (wantsAll && first !== undefined && newest !== undefined && first.position > (cursor ?? -1n)) {
        cursor = newest.position
        write(bytes)
      } else send(events)
    },
    write,
    get pendingBytes() {
      return sink.pendingBytes
    },
    drop,
    goBack(end) {
      if (cursor !== undefined && cursor > end) reset(end)
    },
    end() {
      leave()
      sink.end()
    },
    close: leave,
  }
}

function isWanted({ paymentId, seats }: FeedEvent, filter: FeedFilter): boolean {
  if (filter.paymentId !== undefined && paymentId !== filter.paymentId) return false
  return filter.concertId === undefined || seats?.concertId === filter.concertId
}

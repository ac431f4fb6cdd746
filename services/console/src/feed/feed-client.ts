import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { FeedEvent } from '../contract/answers.ts'
import { eventText, retryText, type WireBatch, type WireEvent } from './wire.ts'

/** The events that a reader wants: those that match every field that is set. */
export interface FeedFilter {
  readonly paymentId?: string | undefined
  readonly concertId?: string | undefined
}

/** The target of a stream: an HTTP response. */
export interface FeedSink {
  write(text: string | Buffer): boolean
  /** Bytes that wait in memory because the reader is slow. */
  readonly pendingBytes: number
  end(): void
  /** Drops the connection. */
  drop(): void
}

export interface FeedClient {
  /** Takes events that have just been read from the trail. A client that is still catching up ignores them. */
  take(batch: WireBatch): void
  write(text: string | Buffer): void
  /** Bytes that the reader has not read yet. */
  readonly pendingBytes: number
  /** Drops the connection: the reader comes back, after the last event that it has seen. */
  drop(): void
  /** Resets a reader that is ahead of the trail's new end: it has to ask for the present state. */
  goBack(end: bigint): void
  /** Ends the stream: the reader comes back. */
  end(): void
  /** Removes the client after its reader has left. */
  close(): void
}

/** A reader that is more positions behind than this has to ask for the present state instead. */
const catchUpMax = 5_000n
/** A reader with more unread bytes than this is dropped; it comes back with the last position that it saw. */
const pendingBytesMax = 1_048_576
/** Catching up pauses while the reader has more unread bytes than this. */
const catchUpBytesMax = 262_144
/** A reader is dropped if catching up has paused for it for this long. */
const catchUpWaitMsMax = 30_000
/** Pauses: for the feed to read further, and for a slow reader. */
const waitMs = 10
const slowWaitMs = 100

export interface FeedClientOptions {
  readonly sink: FeedSink
  readonly filter: FeedFilter
  readonly after: bigint | undefined
  readPage(after: bigint): Promise<readonly WireEvent[]>
  end(): Promise<bigint>
  /** The last position that the feed has read from the trail; undefined before its first read. */
  followed(): bigint | undefined
  onGone(): void
  readonly log: Logger
}

/**
 * Serves one reader: first the events that it has missed, from the trail, then new ones. None twice, and none left
 * out.
 */
export function openClient(options: FeedClientOptions): FeedClient {
  const client = new CatchingUpClient(options)
  client.start()
  return client
}

class CatchingUpClient implements FeedClient {
  readonly #options: FeedClientOptions
  #cursor: bigint | undefined
  #live = false
  #gone = false

  constructor(options: FeedClientOptions) {
    this.#options = options
    this.#cursor = options.after
  }

  start(): void {
    const { sink, log } = this.#options
    sink.write(retryText)
    this.#catchUp().catch((err) => {
      log.warn({ err }, 'a stream cannot be caught up: its reader comes back')
      this.end()
    })
  }

  take({ events, bytes }: WireBatch): void {
    if (!this.#live) return
    const { filter } = this.#options
    const [first] = events
    const newest = events.at(-1)
    const wantsAll = filter.paymentId === undefined && filter.concertId === undefined
    if (wantsAll && first !== undefined && newest !== undefined && first.position > (this.#cursor ?? -1n)) {
      this.#cursor = newest.position
      this.write(bytes)
    } else this.#send(events)
  }

  write(text: string | Buffer): void {
    if (this.#gone) return
    if (this.pendingBytes > pendingBytesMax) this.drop()
    else this.#options.sink.write(text)
  }

  get pendingBytes(): number {
    return this.#options.sink.pendingBytes
  }

  drop(): void {
    this.close()
    this.#options.sink.drop()
  }

  goBack(end: bigint): void {
    if (this.#cursor !== undefined && this.#cursor > end) this.#reset(end)
  }

  end(): void {
    this.close()
    this.#options.sink.end()
  }

  close(): void {
    this.#gone = true
    this.#options.onGone()
  }

  async #catchUp(): Promise<void> {
    const end = await this.#options.end()
    this.#cursor ??= end
    // A reader that is ahead has read another trail: of an earlier system, or of the database before it was restored.
    if (this.#cursor > end || end - this.#cursor > catchUpMax) this.#reset(end)
    while (!this.#gone) {
      await this.#untilTaken()
      const events = await this.#options.readPage(this.#cursor)
      if (this.#gone) return
      this.#send(events)
      const followed = this.#options.followed()
      // From now on the feed brings everything after `followed`. No event is lost in between: no other code runs
      // before `#live` is set.
      if (followed !== undefined && this.#cursor >= followed) break
      if (events.length === 0) await sleep(waitMs)
    }
    this.#live = true
  }

  async #untilTaken(): Promise<void> {
    const deadline = performance.now() + catchUpWaitMsMax
    while (!this.#gone && this.pendingBytes > catchUpBytesMax) {
      if (performance.now() > deadline) return this.drop()
      await sleep(slowWaitMs)
    }
  }

  #send(events: readonly WireEvent[]): void {
    const from = this.#cursor ?? -1n
    const { filter } = this.#options
    const wanted = events.filter(({ position, event }) => position > from && isWanted(event, filter))
    const newest = events.at(-1)
    if (newest !== undefined && newest.position > from) this.#cursor = newest.position
    if (wanted.length > 0) this.write(wanted.map(({ text }) => text).join(''))
  }

  /** Sends `reset`: what the reader has seen is no longer the present state. */
  #reset(end: bigint): void {
    this.#cursor = end
    this.write(eventText('reset', '{}', String(end)))
  }
}

function isWanted({ paymentId, seats }: FeedEvent, filter: FeedFilter): boolean {
  if (filter.paymentId !== undefined && paymentId !== filter.paymentId) return false
  return filter.concertId === undefined || seats?.concertId === filter.concertId
}

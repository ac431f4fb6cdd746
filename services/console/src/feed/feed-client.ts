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

export interface FeedClientOptions {
  readonly sink: FeedSink
  readonly filter: FeedFilter
  readonly after: bigint | undefined
  readPage(after: bigint): Promise<readonly WireEvent[]>
  end(): Promise<bigint>
  /** Up to where the feed has followed the trail; undefined before its first look. */
  followed(): bigint | undefined
  onGone(): void
  readonly log: Logger
}

/** One reader: first what it has missed, from the trail, then what is new. Nothing twice, nothing left out. */
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
    // One that is ahead has read another trail: of a system before this one, or of a database before its backup.
    if (this.#cursor > end || end - this.#cursor > catchUpMax) this.#reset(end)
    while (!this.#gone) {
      await this.#untilTaken()
      const events = await this.#options.readPage(this.#cursor)
      if (this.#gone) return
      this.#send(events)
      const followed = this.#options.followed()
      // From this moment on the feed brings what is behind `followed`: nothing falls between, as no other turn does.
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

  /** What the reader has seen says nothing of how things stand. */
  #reset(end: bigint): void {
    this.#cursor = end
    this.write(eventText('reset', '{}', String(end)))
  }
}

function isWanted({ paymentId, seats }: FeedEvent, filter: FeedFilter): boolean {
  if (filter.paymentId !== undefined && paymentId !== filter.paymentId) return false
  return filter.concertId === undefined || seats?.concertId === filter.concertId
}

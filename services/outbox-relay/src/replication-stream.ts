import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import type { OutboxNames } from '@boxoffice/messaging/sql'
import type pg from 'pg'
import { type Lsn, maxLsn } from './lsn.ts'
import { OutboxChanges } from './outbox-changes.ts'
import { toOutboxRow } from './outbox-row.ts'
import {
  connectionOf,
  createReplicationClient,
  type ReplicationClientOptions,
  type ReplicationConnection,
} from './replication-client.ts'
import { decodeReplicationMessage, encodeStandbyStatus } from './replication-messages.ts'
import { type Batch, type BatchLimits, RowQueue } from './row-queue.ts'
import { ServerSilence } from './server-silence.ts'
import { startStatement } from './start-statement.ts'

export interface ReplicationStreamOptions extends BatchLimits, ReplicationClientOptions {
  readonly slotName: string
  readonly names: OutboxNames
  /** Called in the session that will read the slot, before it reads. An error leaves the slot to other relays. */
  readonly beforeStart?: (client: pg.Client) => Promise<void>
  /** Called for each row without an id, which is left out. */
  readonly onRowWithoutId?: () => void
  /** Ends the attempt to open the stream. */
  readonly signal?: AbortSignal
  /** The time that the server may take to begin, in milliseconds. */
  readonly openWithinMs?: number
}

/**
 * The inserts into the outbox, in commit order, from one replication slot.
 *
 * It confirms nothing by itself: the server gets the position that is passed to {@link confirm}. Only when no row is
 * queued or unconfirmed, it gets the position that it has sent up to, so that an idle database frees its log.
 */
export class ReplicationStream {
  readonly #connection: ReplicationConnection
  readonly #client: pg.Client
  readonly #queue: RowQueue
  readonly #changes: OutboxChanges
  readonly #options: ReplicationStreamOptions
  readonly #statusIntervalMs: number
  readonly #silence: ServerSilence
  readonly #failing = Promise.withResolvers<never>()
  /** Set once replication has started: before that the server accepts no status. */
  #statusTimer: NodeJS.Timeout | undefined
  #wake: () => void = () => {}
  #failure: Error | undefined
  #closed = false
  #inTransaction = false
  #committedAtMs = 0
  #unconfirmed = false
  #paused = false
  #confirmed: Lsn = 0n
  #sentByServer: Lsn = 0n

  private constructor(client: pg.Client, options: ReplicationStreamOptions) {
    this.#client = client
    this.#connection = connectionOf(client)
    this.#options = options
    this.#queue = new RowQueue(options)
    this.#changes = new OutboxChanges(options.names)
    this.#connection.on('copyData', (message: { chunk: Buffer }) => this.#receive(message.chunk))
    client.on('error', (error) => this.#fail(error))
    client.on('end', () => this.#fail(new Error('the replication connection was closed')))
    this.#connection.once('replicationStart', () => this.#report())
    this.#statusIntervalMs = options.walSenderTimeoutMs / statusesPerTimeout
    this.#silence = new ServerSilence(
      { quietMs: 2 * this.#statusIntervalMs, questionsMax: 2 * statusesPerTimeout },
      performance.now(),
    )
    // It may also fail while no caller waits for it.
    this.failed.catch(() => {})
  }

  /**
   * Takes the slot and starts to read.
   *
   * @throws pg.DatabaseError with code 55006 when another reader holds the slot; what `beforeStart` throws; the
   *   signal's reason
   */
  static async open(options: ReplicationStreamOptions): Promise<ReplicationStream> {
    const { signal, openWithinMs = 15_000 } = options
    signal?.throwIfAborted()
    const stream = new ReplicationStream(createReplicationClient(options), options)
    const onAbort = (): void => stream.#fail(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    const late = new Error(`the server has not begun replication within ${openWithinMs} ms`)
    const deadline = setTimeout(() => stream.#fail(late), openWithinMs)
    try {
      await Promise.race([stream.#start(), stream.failed])
      return stream
    } catch (error) {
      await stream.close()
      throw error
    } finally {
      clearTimeout(deadline)
      signal?.removeEventListener('abort', onAbort)
    }
  }

  /** Rejects with what ended the stream, as soon as it has ended. */
  get failed(): Promise<never> {
    return this.#failing.promise
  }

  /** The position that was reported to the server: everything before it is published. */
  get confirmed(): Lsn {
    return this.#confirmed
  }

  /**
   * Returns the next rows as soon as there are any, or none after `withinMs`. They are not confirmed before {@link
   * confirm} is called for them.
   *
   * @throws the error that ended the stream; the signal's reason when aborted
   */
  async next(signal: AbortSignal, withinMs?: number): Promise<Batch> {
    await this.#wait(() => this.#queue.hasBatch, signal, withinMs)
    signal.throwIfAborted()
    if (this.#failure) throw this.#failure
    const batch = this.#queue.take()
    if (batch === undefined) return { rows: [], end: undefined }
    this.#unconfirmed = true
    this.#resumeWhenRoom()
    return batch
  }

  /** Waits for `ms`, or until there is a full batch, the stream has ended or the signal is aborted. */
  async gather(ms: number, signal: AbortSignal): Promise<void> {
    if (ms > 0) await this.#wait(() => this.#queue.hasFullBatch, signal, ms)
  }

  /** Waits until `isThere`, the stream has ended, the signal is aborted or `withinMs` are over. */
  async #wait(isThere: () => boolean, signal: AbortSignal, withinMs: number | undefined): Promise<void> {
    let isOver = false
    const onAbort = (): void => this.#wake()
    const onTimeout = (): void => {
      isOver = true
      this.#wake()
    }
    const timeout = withinMs === undefined ? undefined : setTimeout(onTimeout, withinMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      while (!isThere() && !this.#failure && !signal.aborted && !isOver) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      clearTimeout(timeout)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /**
   * Reports to the server that everything before `end` is published. Rows that were taken may be after it, unless
   * `isAll`.
   */
  confirm({ end, isAll = true }: Pick<Batch, 'end'> & { readonly isAll?: boolean }): void {
    this.#unconfirmed = !isAll
    const before = this.#confirmed
    if (end !== undefined) this.#confirmed = maxLsn(this.#confirmed, end)
    this.#confirmIdle()
    if (this.#confirmed > before) this.#sendStatus()
  }

  /**
   * Reports the last position to the server and leaves, so that it can give the slot to another or shut down at once.
   */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    clearInterval(this.#statusTimer)
    this.#fail(new Error('the replication stream is closed'))
    const { stream } = this.#connection
    if (stream.destroyed || stream.connecting) {
      stream.destroy()
      return
    }
    // What the server still sends must be read, or its socket is reset and our last report is lost.
    stream.resume()
    this.#sendStatus()
    this.#connection.end()
    await Promise.race([once(stream, 'close'), sleep(goodbyeMs, undefined, { ref: false })]).catch(() => {})
    stream.destroy()
  }

  async #start(): Promise<void> {
    const { slotName, names, beforeStart } = this.#options
    await this.#client.connect()
    await beforeStart?.(this.#client)
    const startReplication = await startStatement(this.#client, slotName, names.publication)
    const started = once(this.#connection, 'replicationStart')
    const copying = this.#client.query(startReplication)
    const ended = copying.then(
      () => this.#fail(new Error('the server ended replication')),
      (error: Error) => {
        this.#fail(error)
        throw error
      },
    )
    ended.catch(() => {})
    await Promise.race([started, ended])
  }

  /** Begins to report the position to the server, and to expect its answers. */
  #report(): void {
    if (this.#closed) return
    this.#silence.heard(performance.now())
    this.#statusTimer = setInterval(() => this.#tick(), this.#statusIntervalMs)
  }

  #receive(chunk: Buffer): void {
    this.#silence.heard(performance.now())
    if (this.#failure !== undefined) return
    try {
      this.#handle(chunk)
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)))
    }
  }

  #handle(chunk: Buffer): void {
    const message = decodeReplicationMessage(chunk)
    if (message.kind === 'keepalive') {
      this.#sentByServer = message.walEnd
      this.#confirmIdle()
      if (message.replyRequested) this.#sendStatus()
      return
    }
    if (message.kind === 'other') return
    const change = this.#changes.read(message.body)
    if (change.kind === 'begin') {
      this.#inTransaction = true
      this.#committedAtMs = change.committedAtMs
    } else if (change.kind === 'row') {
      this.#queue.putRow({ ...toOutboxRow(change.columns), committedAtMs: this.#committedAtMs })
      if (this.#queue.isFull) this.#pause()
    } else if (change.kind === 'row-without-id') {
      this.#options.onRowWithoutId?.()
    } else if (change.kind === 'commit') {
      this.#inTransaction = false
      this.#queue.putCommit(change.end)
    }
    if (this.#queue.hasBatch) this.#wake()
  }

  /** Confirms everything that the server has sent, once nothing of it is left here. */
  #confirmIdle(): void {
    if (this.#inTransaction || this.#unconfirmed || !this.#queue.isEmpty) return
    this.#confirmed = maxLsn(this.#confirmed, this.#sentByServer)
  }

  #tick(): void {
    const now = performance.now()
    // While reading is paused, messages of the server may be waiting.
    const silence = this.#paused ? 'fine' : this.#silence.look(now)
    this.#sendStatus(silence === 'ask')
    if (silence === 'dead') {
      this.#fail(new Error(`the server has not answered for ${this.#silence.silentMs(now)} ms`))
    }
  }

  #sendStatus(asksForReply = false): void {
    if (this.#statusTimer !== undefined && this.#connection.stream.writable) {
      this.#connection.sendCopyFromChunk(encodeStandbyStatus(this.#confirmed, new Date(), asksForReply))
    }
  }

  #pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#connection.stream.pause()
  }

  #resumeWhenRoom(): void {
    if (!this.#paused || this.#queue.isFull) return
    this.#paused = false
    this.#silence.heard(performance.now())
    this.#connection.stream.resume()
  }

  #fail(error: Error): void {
    this.#failure ??= error
    this.#failing.reject(this.#failure)
    this.#wake()
  }
}

/** The number of reports within the server's timeout, one small message each. */
const statusesPerTimeout = 5
const goodbyeMs = 1_000

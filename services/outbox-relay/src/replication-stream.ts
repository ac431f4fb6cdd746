import { type EventEmitter, once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { clientOf, type DatabaseAddress } from '@boxoffice/common/postgres/connection.ts'
import { toOptions } from '@boxoffice/common/postgres/session-settings.ts'
import type { OutboxNames } from '@boxoffice/messaging/sql'
import pg from 'pg'
import { type Lsn, maxLsn } from './lsn.ts'
import { OutboxChanges } from './outbox-changes.ts'
import { toOutboxRow } from './outbox-row.ts'
import { decodeReplicationMessage, encodeStandbyStatus } from './replication-messages.ts'
import { type Batch, type BatchLimits, RowQueue } from './row-queue.ts'
import { ServerSilence } from './server-silence.ts'
import { startStatement } from './start-statement.ts'

export interface ReplicationStreamOptions extends BatchLimits {
  readonly database: DatabaseAddress
  readonly slotName: string
  readonly names: OutboxNames
  readonly applicationName: string
  /** How long the server waits for a sign of life of ours before it gives the slot to another, in milliseconds. */
  readonly walSenderTimeoutMs: number
  /** Called in the session that is to read the slot, before it does. What it throws leaves the slot to others. */
  readonly beforeStart?: (client: pg.Client) => Promise<void>
  /** Called for each row without an id, which is left out. */
  readonly onRowWithoutId?: () => void
  /** Ends the attempt to open it. */
  readonly signal?: AbortSignal
  /** How long the server may take until it has begun, in milliseconds. */
  readonly openWithinMs?: number
}

/**
 * The inserts into the outbox, in commit order, from one replication slot.
 *
 * It claims nothing by itself: the position that the server hears is the one given to {@link confirm}, and, when
 * nothing is queued or unconfirmed, what the server said it has sent, so that an idle database frees its log.
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
  /** From the start of replication on: before it the server takes no status. */
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
    this.#connection = (client as unknown as { connection: ReplicationConnection }).connection
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
    // It fails also while no call waits for that.
    this.failed.catch(() => {})
  }

  /**
   * Takes the slot and starts to read.
   *
   * @throws pg.DatabaseError with code 55006 when another reader holds the slot; what `beforeStart` throws; the signal's reason
   */
  static async open(options: ReplicationStreamOptions): Promise<ReplicationStream> {
    const client = new (clientOf(options.database, pg.Client))({
      application_name: options.applicationName,
      connectionTimeoutMillis: connectTimeoutMs,
      keepAlive: true,
      replication: 'database',
      options: toOptions({ wal_sender_timeout: `${options.walSenderTimeoutMs}` }),
    } as pg.ClientConfig)
    const { signal, openWithinMs = 15_000 } = options
    signal?.throwIfAborted()
    const stream = new ReplicationStream(client, options)
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

  /** Everything before this is published, as far as the server has been told. */
  get confirmed(): Lsn {
    return this.#confirmed
  }

  /**
   * The next rows, as soon as there are any, or none after `withinMs`. Nothing is confirmed by itself until {@link confirm} has
   * been told of them.
   *
   * @throws what ended the stream; the signal's reason when aborted
   */
  async next(signal: AbortSignal, withinMs?: number): Promise<Batch> {
    let isOver = false
    const onAbort = (): void => this.#wake()
    const onTimeout = (): void => {
      isOver = true
      this.#wake()
    }
    const timeout = withinMs === undefined ? undefined : setTimeout(onTimeout, withinMs)
    signal.addEventListener('abort', onAbort, { once: true })
    try {
      for (;;) {
        signal.throwIfAborted()
        if (this.#failure) throw this.#failure
        const batch = this.#queue.take()
        if (batch !== undefined) {
          this.#unconfirmed = true
          this.#resumeWhenRoom()
          return batch
        }
        if (isOver) return { rows: [], end: undefined }
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
    } finally {
      clearTimeout(timeout)
      signal.removeEventListener('abort', onAbort)
    }
  }

  /** What is before `end` is published: tells the server so. Rows that were taken may be after it, unless `isAll`. */
  confirm({ end, isAll = true }: Pick<Batch, 'end'> & { readonly isAll?: boolean }): void {
    this.#unconfirmed = !isAll
    const before = this.#confirmed
    if (end !== undefined) this.#confirmed = maxLsn(this.#confirmed, end)
    this.#confirmIdle()
    if (this.#confirmed > before) this.#sendStatus()
  }

  /** Tells the server the last position and leaves, so that it can give the slot to another or shut down at once. */
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
    // The server must be heard out, or its socket is reset and our last words are lost.
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

  /** Begins to tell the server the position, and to listen for what it says. */
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

  /** What the server has sent up to is handled when nothing of it is left here. */
  #confirmIdle(): void {
    if (this.#inTransaction || this.#unconfirmed || !this.#queue.isEmpty) return
    this.#confirmed = maxLsn(this.#confirmed, this.#sentByServer)
  }

  #tick(): void {
    const now = performance.now()
    // While nothing is read it may have said much.
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

/** So often we report within the server's timeout, each time by one small message. */
const statusesPerTimeout = 5
const connectTimeoutMs = 5_000
const goodbyeMs = 1_000

/** The parts of pg's own connection that its types leave out. */
interface ReplicationConnection extends EventEmitter {
  readonly stream: Socket
  sendCopyFromChunk(chunk: Buffer): void
  end(): void
}

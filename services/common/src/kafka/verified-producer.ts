import { setTimeout as sleep } from 'node:timers/promises'
import type { Admin, Kafka, Message, Producer, TopicMessages } from 'kafkajs'
import { partitionOf } from './partition-of.ts'

export interface OutgoingRecord {
  readonly topic: string
  readonly key: Buffer | null
  /** Null is a tombstone. */
  readonly value: Buffer | null
  readonly headers: Record<string, string | Buffer | (string | Buffer)[]>
}

/** What became of the records of one send: each is in exactly one of the lists, in the order in which it was given. */
export interface SendOutcome<R extends OutgoingRecord> {
  readonly published: readonly R[]
  /** Kafka will never take these: too large for the topic, or not allowed by it. `reason` is Kafka's error name. */
  readonly refused: ReadonlyArray<{ readonly record: R; readonly reason: string }>
  /** Not sent, because an earlier record with the same topic and key was refused. */
  readonly heldBack: readonly R[]
}

/** Kafka did not take records for as long as the caller was patient; they may be sent again at any time. */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError'
  readonly code = 'KAFKA_UNAVAILABLE'
  readonly retriable = true
}

export interface VerifiedProducerOptions {
  readonly kafka: Kafka
  /** How long to go on without any progress before {@link KafkaUnavailableError}, in milliseconds. */
  readonly patienceMs?: number
  /** How long one request round may take before its producer is given up, in milliseconds. */
  readonly attemptTimeoutMs?: number
  /** Told of every attempt that failed; the records are sent again. */
  readonly onRetry?: (error: Error) => void
}

/**
 * An idempotent producer that believes nothing it has not compared: a record counts as published when the answers name
 * its topic and partition without an error. KafkaJS alone resolves sends of which a partition was never sent, when
 * its leader moves to a broker that has answered already.
 *
 * - One {@link send} at a time. Order per topic and partition is the order given, also when parts are sent again.
 * - What an answer leaves out is sent again through the same producer, whose sequence numbers still fit.
 * - After a rejected send the producer is thrown away, because its sequence numbers no longer fit, and what is not known
 *   to be published goes out through a new one, partition by partition, so that a partition without a leader does
 *   not make the others repeat themselves. Repeats are possible; a loss is not.
 */
export class VerifiedProducer {
  readonly #kafka: Kafka
  readonly #patienceMs: number
  readonly #attemptTimeoutMs: number
  readonly #onRetry: (error: Error) => void
  readonly #partitionCounts = new Map<string, { readonly count: number; readonly readAt: number }>()
  #producer: Producer | undefined
  #sending = false

  constructor(options: VerifiedProducerOptions) {
    this.#kafka = options.kafka
    this.#patienceMs = options.patienceMs ?? 8_000
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 8_000
    this.#onRetry = options.onRetry ?? (() => {})
  }

  /**
   * Connects and draws a producer id: proof that Kafka is there.
   *
   * @throws KafkaUnavailableError after one attempt
   */
  async connect(signal?: AbortSignal): Promise<void> {
    try {
      await this.#connected(signal)
    } catch (error) {
      signal?.throwIfAborted()
      throw new KafkaUnavailableError(`cannot connect to Kafka: ${messageOf(error)}`, { cause: error })
    }
  }

  /**
   * Sends records and returns when the fate of each is known.
   *
   * @throws KafkaUnavailableError when Kafka took nothing for `patienceMs`; some records may have been published
   * @throws the signal's reason when aborted; some records may have been published
   */
  async send<R extends OutgoingRecord>(records: readonly R[], signal?: AbortSignal): Promise<SendOutcome<R>> {
    if (this.#sending) throw new Error('a verified producer sends one batch at a time')
    this.#sending = true
    try {
      return await this.#sendAll(records, signal)
    } finally {
      this.#sending = false
    }
  }

  /** Closes the connections. Records of a send that was given up may still arrive at Kafka. */
  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    if (producer !== undefined) await withDeadline(producer.disconnect(), 2_000).catch(() => {})
  }

  async #sendAll<R extends OutgoingRecord>(
    records: readonly R[],
    signal: AbortSignal | undefined,
  ): Promise<SendOutcome<R>> {
    const fates = new Fates<R>()
    let lanes: Lane<R>[] | undefined
    let apart = false
    let progressAt = performance.now()
    for (let failures = 0; ; ) {
      signal?.throwIfAborted()
      try {
        lanes ??= await this.#lanesOf(records, signal)
        if (lanes.length === 0) break
        const before = fates.settled
        const error = await this.#round(lanes, apart, fates, signal)
        lanes = lanes.filter((lane) => lane.chunks.length > 0)
        if (fates.settled > before || error === undefined) {
          progressAt = performance.now()
          failures = 0
        }
        if (error === undefined) continue
        throw error
      } catch (error) {
        signal?.throwIfAborted()
        apart = true
        if (error instanceof ChunkSplit) continue
        this.#onRetry(asError(error))
        if (performance.now() - progressAt >= this.#patienceMs) {
          throw new KafkaUnavailableError(`Kafka does not take records: ${messageOf(error)}`, {
            cause: error,
          })
        }
        await sleep(backoffMs(failures++), undefined, signal ? { signal } : {})
      }
    }
    return fates.inOrderOf(records)
  }

  /** Sends the head chunk of every lane. Returns what went wrong, if anything did; lanes that went well have moved on. */
  async #round<R extends OutgoingRecord>(
    lanes: readonly Lane<R>[],
    apart: boolean,
    fates: Fates<R>,
    signal: AbortSignal | undefined,
  ): Promise<unknown> {
    for (const lane of lanes) dropHeldBack(lane, fates)
    const active = lanes.filter((lane) => lane.chunks.length > 0)
    if (active.length === 0) return undefined
    const producer = await this.#connected(signal)
    const requests = apart ? active.map((lane) => [lane]) : [active]
    const results = await Promise.all(requests.map((request) => this.#request(producer, request, signal)))
    let failure: unknown
    let rejected = false
    for (const result of results) {
      for (const lane of result.answered) fates.publish(lane.chunks.shift() ?? [])
      if (result.error === undefined) continue
      rejected ||= result.rejected
      failure = this.#judge(result.lanes, result.error, fates) ?? failure ?? result.error
    }
    if (rejected) this.#discard()
    return failure
  }

  async #request<R extends OutgoingRecord>(
    producer: Producer,
    lanes: readonly Lane<R>[],
    signal: AbortSignal | undefined,
  ): Promise<RequestResult<R>> {
    try {
      const answers = await withDeadline(
        producer.sendBatch({
          acks: -1,
          timeout: this.#attemptTimeoutMs,
          topicMessages: topicMessagesOf(lanes),
        }),
        this.#attemptTimeoutMs,
        signal,
      )
      const written = new Set(
        answers
          .filter(
            (answer) =>
              answer.errorCode === 0 && answer.baseOffset !== undefined && answer.baseOffset !== '-1',
          )
          .map((answer) => laneName(answer.topicName, answer.partition)),
      )
      const answered = lanes.filter((lane) => written.has(lane.name))
      const missing = lanes.filter((lane) => !written.has(lane.name))
      const error = missing.length === 0 ? undefined : new UnansweredError(missing.map((lane) => lane.name))
      return { lanes: missing, answered, rejected: false, error }
    } catch (error) {
      return { lanes, answered: [], rejected: true, error: error ?? new Error('rejected without a reason') }
    }
  }

  /** Halves a chunk that Kafka refuses, and gives up on a single record. Only a lane sent alone tells which it was. */
  #judge<R extends OutgoingRecord>(
    lanes: readonly Lane<R>[],
    error: unknown,
    fates: Fates<R>,
  ): ChunkSplit | undefined {
    const reason = refusalOf(error)
    if (reason === undefined) {
      if (kafkaErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') this.#partitionCounts.clear()
      return undefined
    }
    const [lane] = lanes
    if (lane !== undefined && lanes.length === 1) {
      const chunk = lane.chunks.shift() ?? []
      const [record] = chunk
      if (chunk.length === 1 && record !== undefined) fates.refuse(record, reason)
      else {
        const middle = Math.ceil(chunk.length / 2)
        lane.chunks.unshift(chunk.slice(0, middle), chunk.slice(middle))
      }
    }
    return new ChunkSplit(reason)
  }

  async #connected(signal: AbortSignal | undefined): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      // Short: KafkaJS follows a leader that moved; everything longer is ours, with a new producer.
      retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    })
    const connecting = producer.connect()
    try {
      await withDeadline(connecting, this.#attemptTimeoutMs, signal)
    } catch (error) {
      // It may still succeed after we stopped waiting.
      const disconnect = (): Promise<void> => producer.disconnect()
      connecting.then(disconnect, disconnect).catch(() => {})
      throw error
    }
    this.#producer = producer
    return producer
  }

  #discard(): void {
    const producer = this.#producer
    this.#producer = undefined
    producer?.disconnect().catch(() => {
      // It is thrown away because it does not work: that it cannot even say goodbye changes nothing.
    })
  }

  async #lanesOf<R extends OutgoingRecord>(
    records: readonly R[],
    signal: AbortSignal | undefined,
  ): Promise<Lane<R>[]> {
    await this.#readPartitionCounts(new Set(records.map((record) => record.topic)), signal)
    const lanes = new Map<string, Lane<R>>()
    for (const record of records) {
      const count = this.#partitionCounts.get(record.topic)?.count ?? 1
      const partition = partitionOf(record.topic, record.key, count)
      const name = laneName(record.topic, partition)
      const lane = lanes.get(name)
      if (lane === undefined) lanes.set(name, { name, topic: record.topic, partition, chunks: [[record]] })
      else lane.chunks[0]?.push(record)
    }
    return [...lanes.values()]
  }

  async #readPartitionCounts(topics: ReadonlySet<string>, signal: AbortSignal | undefined): Promise<void> {
    const now = performance.now()
    const unknown = [...topics].filter((topic) => {
      const known = this.#partitionCounts.get(topic)
      return known === undefined || now - known.readAt > partitionCountMaxAgeMs
    })
    if (unknown.length === 0) return
    const admin = this.#kafka.admin({ retry: { retries: 2, initialRetryTime: 50, maxRetryTime: 500 } })
    const read = async (): Promise<void> => {
      await admin.connect()
      for (const topic of unknown) {
        this.#partitionCounts.set(topic, { count: await readPartitionCount(admin, topic), readAt: now })
      }
    }
    const reading = read()
    const disconnect = (): Promise<void> => admin.disconnect()
    reading.then(disconnect, disconnect).catch(() => {})
    await withDeadline(reading, this.#attemptTimeoutMs, signal)
  }
}

/** As Java's `metadata.max.age.ms`: how long a grown topic may go unnoticed. */
const partitionCountMaxAgeMs = 300_000

/** The records of one partition of a topic, in order; chunks are sent one after the other. */
interface Lane<R extends OutgoingRecord> {
  readonly name: string
  readonly topic: string
  readonly partition: number
  readonly chunks: R[][]
}

interface RequestResult<R extends OutgoingRecord> {
  readonly lanes: readonly Lane<R>[]
  readonly answered: readonly Lane<R>[]
  readonly rejected: boolean
  readonly error: unknown
}

class UnansweredError extends Error {
  constructor(lanes: readonly string[]) {
    super(`no answer for ${lanes.join(', ')}`)
  }
}

/** Not a failure of Kafka: the next round goes with smaller chunks. */
class ChunkSplit extends Error {}

async function readPartitionCount(admin: Admin, topic: string): Promise<number> {
  try {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] })
    return topics[0]?.partitions.length || 1
  } catch (error) {
    // A name that no topic can have: sending will tell which records are to be refused.
    if (kafkaErrorType(error) === 'INVALID_TOPIC_EXCEPTION') return 1
    throw error
  }
}

/** What is known of each record of one send. */
class Fates<R extends OutgoingRecord> {
  readonly #published = new Set<R>()
  readonly #refused = new Map<R, string>()
  readonly #heldBack = new Set<R>()
  readonly #refusedKeys = new Set<string>()

  get settled(): number {
    return this.#published.size + this.#refused.size + this.#heldBack.size
  }

  publish(records: readonly R[]): void {
    for (const record of records) this.#published.add(record)
  }

  refuse(record: R, reason: string): void {
    this.#refused.set(record, reason)
    // A record without a key holds nobody back.
    if (record.key !== null) this.#refusedKeys.add(keyName(record))
  }

  /** True, and noted, when an earlier record of the same key was refused. */
  holdsBack(record: R): boolean {
    if (record.key === null || !this.#refusedKeys.has(keyName(record))) return false
    this.#heldBack.add(record)
    return true
  }

  get anyRefused(): boolean {
    return this.#refusedKeys.size > 0
  }

  inOrderOf(records: readonly R[]): SendOutcome<R> {
    if (this.#published.size === records.length) return { published: records, refused: [], heldBack: [] }
    return {
      published: records.filter((record) => this.#published.has(record)),
      refused: records
        .filter((record) => this.#refused.has(record))
        .map((record) => ({ record, reason: this.#refused.get(record) ?? '' })),
      heldBack: records.filter((record) => this.#heldBack.has(record)),
    }
  }
}

function dropHeldBack<R extends OutgoingRecord>(lane: Lane<R>, fates: Fates<R>): void {
  if (!fates.anyRefused) return
  const kept = lane.chunks
    .map((chunk) => chunk.filter((record) => !fates.holdsBack(record)))
    .filter((chunk) => chunk.length > 0)
  lane.chunks.splice(0, lane.chunks.length, ...kept)
}

function topicMessagesOf(lanes: ReadonlyArray<Lane<OutgoingRecord>>): TopicMessages[] {
  const byTopic = new Map<string, Message[]>()
  for (const { topic, partition, chunks } of lanes) {
    let messages = byTopic.get(topic)
    if (messages === undefined) {
      messages = []
      byTopic.set(topic, messages)
    }
    for (const { key, value, headers } of chunks[0] ?? []) messages.push({ key, value, headers, partition })
  }
  return [...byTopic].map(([topic, messages]) => ({ topic, messages }))
}

/** The errors with which Kafka says "never" about a record, and not "not now". */
const refusals: ReadonlySet<string> = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_TOPIC_EXCEPTION',
  'INVALID_RECORD',
])

function refusalOf(error: unknown): string | undefined {
  const type = kafkaErrorType(error)
  return type !== undefined && refusals.has(type) ? type : undefined
}

/** Kafka's name of an error, however deep KafkaJS has wrapped it. */
function kafkaErrorType(error: unknown): string | undefined {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth++) {
    // KafkaJS 2.2.4 does not know INVALID_RECORD by name.
    if ('code' in cause && cause.code === 87) return 'INVALID_RECORD'
    if ('type' in cause && typeof cause.type === 'string') return cause.type
  }
  return undefined
}

function laneName(topic: string, partition: number): string {
  return `${topic}[${partition}]`
}

function keyName(record: OutgoingRecord): string {
  return `${record.topic} ${record.key?.toString('hex')}`
}

function backoffMs(failures: number): number {
  return Math.min(1_000, 100 * 2 ** failures) * (0.8 + Math.random() * 0.4)
}

/** Rejects when the time is over or the signal is aborted; the promise itself goes on unobserved. */
async function withDeadline<T>(promise: Promise<T>, timeoutMs: number, signal?: AbortSignal): Promise<T> {
  const timer = new AbortController()
  const deadline = AbortSignal.any(signal ? [signal, timer.signal] : [timer.signal])
  const timeout = setTimeout(() => timer.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(asError(deadline.reason))
    deadline.addEventListener('abort', onAbort, { once: true })
    if (deadline.aborted) onAbort()
  })
  try {
    return await Promise.race([promise, aborted])
  } finally {
    clearTimeout(timeout)
    deadline.removeEventListener('abort', onAbort)
    promise.catch(() => {})
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}

function messageOf(error: unknown): string {
  return asError(error).message
}

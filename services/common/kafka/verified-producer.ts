import { setTimeout as sleep } from 'node:timers/promises'
import { type Kafka, Partitioners, type Producer } from 'kafkajs'
import { halve, type Lane, lanesOf, postpone } from './lanes.ts'
import { PartitionCounts } from './partition-counts.ts'
import { refusalOf, topicRefusalOf } from './refusal.ts'
import { asError, sendLanes } from './send-lanes.ts'
import { Fates, type OutgoingRecord, type SendOutcome } from './send-outcome.ts'
import { withDeadline } from './with-deadline.ts'

export type { OutgoingRecord, SendOutcome } from './send-outcome.ts'

/**
 * Kafka did not take records for as long as the caller was patient; they may be sent again at any time.
 *
 * @public
 */
export class KafkaUnavailableError extends Error {
  override readonly name = 'KafkaUnavailableError'
  readonly code = 'KAFKA_UNAVAILABLE'
  readonly retriable = true
}

export interface VerifiedProducerOptions {
  readonly kafka: Kafka
  /** How long to go on without any progress before {@link KafkaUnavailableError}, in milliseconds. */
  readonly patienceMs?: number
  /** How long one request may take before its producer is given up, in milliseconds. */
  readonly attemptTimeoutMs?: number
  /** Told of every attempt that failed; the records are sent again. */
  readonly onRetry?: (error: Error) => void
  /** Called right before each request and right after its answer, so that a fault test can end the process there. */
  readonly onRequest?: (moment: 'before' | 'after') => void
}

/**
 * An idempotent producer that believes nothing it has not compared: a record counts as published when an answer names
 * its topic and partition without an error. KafkaJS alone resolves sends of which a partition was never sent, when
 * its leader moves to a broker that has answered already.
 *
 * - One {@link send} at a time. Order per topic and partition is the order given, also when parts are sent again.
 * - What the answers leave out is sent again through the same producer, whose sequence numbers still fit.
 * - After a rejected send the producer is thrown away, because its sequence numbers no longer fit, and what is not
 *   known to be published goes out through a new one, each partition by itself, so that one without a leader does not
 *   make the others repeat themselves. Repeats are possible; a loss is not.
 * - What is too large is halved, and a single record that Kafka still refuses is reported as refused.
 * - The records of a topic that is missing or forbidden are reported as postponed at once; all others go.
 */
export class VerifiedProducer {
  readonly #kafka: Kafka
  readonly #patienceMs: number
  readonly #attemptTimeoutMs: number
  readonly #onRetry: (error: Error) => void
  readonly #onRequest: (moment: 'before' | 'after') => void
  readonly #partitionCounts: PartitionCounts
  #producer: Producer | undefined
  #sending = false

  constructor(options: VerifiedProducerOptions) {
    this.#kafka = options.kafka
    this.#patienceMs = options.patienceMs ?? 5_000
    this.#attemptTimeoutMs = options.attemptTimeoutMs ?? 5_000
    this.#onRetry = options.onRetry ?? (() => {})
    this.#onRequest = options.onRequest ?? (() => {})
    this.#partitionCounts = new PartitionCounts(options.kafka)
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
      throw new KafkaUnavailableError(`cannot connect to Kafka: ${asError(error).message}`, { cause: error })
    }
  }

  /**
   * Sends records and returns when the fate of each is known.
   *
   * @param records - each an object of its own, by which its fate is known; to send one twice, copy it
   * @throws TypeError if the same object is among them twice
   * @throws KafkaUnavailableError when Kafka took nothing for `patienceMs`; some records may have been published
   * @throws the signal's reason when aborted; some records may have been published
   */
  async send<R extends OutgoingRecord>(records: readonly R[], signal?: AbortSignal): Promise<SendOutcome<R>> {
    if (new Set(records).size < records.length)
      throw new TypeError('the same record is among those to send twice: copy it')
    if (this.#sending) throw new Error('a verified producer sends one batch at a time')
    this.#sending = true
    try {
      return await this.#sendAll(records, signal)
    } catch (error) {
      // Whatever is still on its way must not meet the sequence numbers of the next send.
      this.#discard()
      throw error
    } finally {
      this.#sending = false
    }
  }

  /** Closes the connections. Records of a send that was given up may still arrive at Kafka. */
  async close(): Promise<void> {
    const producer = this.#producer
    this.#producer = undefined
    if (producer !== undefined) await withDeadline(producer.disconnect(), disconnectTimeoutMs).catch(() => {})
  }

  async #sendAll<R extends OutgoingRecord>(
    records: readonly R[],
    signal: AbortSignal | undefined,
  ): Promise<SendOutcome<R>> {
    const fates = new Fates<R>()
    const send: Sending<R> = { unplaced: records, fates, lanes: [], apart: false }
    let progressAt = performance.now()
    for (let failures = 0; fates.settled < records.length; ) {
      signal?.throwIfAborted()
      const settledBefore = fates.settled
      const failure = await this.#round(send, signal).catch(asError)
      if (fates.settled > settledBefore) {
        progressAt = performance.now()
        failures = 0
      }
      if (failure === undefined) continue
      signal?.throwIfAborted()
      send.apart = true
      if (failure instanceof SmallerChunks) continue
      this.#onRetry(failure)
      if (performance.now() - progressAt >= this.#patienceMs) {
        throw new KafkaUnavailableError(`Kafka does not take records: ${failure.message}`, { cause: failure })
      }
      failures += 1
      await sleep(retryDelayMs(failures), undefined, signal ? { signal } : {}).catch(() =>
        signal?.throwIfAborted(),
      )
    }
    return fates.inOrderOf(records)
  }

  /**
   * Sends the first chunk of every lane, and takes away those that went well. Returns what went wrong, if anything.
   */
  async #round<R extends OutgoingRecord>(
    send: Sending<R>,
    signal: AbortSignal | undefined,
  ): Promise<Error | undefined> {
    const { fates } = send
    let failure = await this.#place(send, signal)
    for (const lane of send.lanes) {
      lane.chunks = lane.chunks
        .map((chunk) => fates.withoutHeldBack(chunk))
        .filter((chunk) => chunk.length > 0)
    }
    const waiting = send.lanes.filter((lane) => lane.chunks.length > 0)
    if (waiting.length === 0) return failure
    const producer = await this.#connected(signal)
    const requests = send.apart ? waiting.map((lane) => [lane]) : [waiting]
    const limits = { timeoutMs: this.#attemptTimeoutMs, onRequest: this.#onRequest, signal }
    const answers = await Promise.all(requests.map((request) => sendLanes(producer, request, limits)))
    if (answers.some((answer) => answer.rejected)) this.#discard()
    for (const { written, unwritten, error } of answers) {
      for (const lane of written) fates.publish(lane.chunks.shift() ?? [])
      if (error === undefined) continue
      const topics = new Set(unwritten.map((lane) => lane.topic))
      const topicReason = topicRefusalOf(error)
      if (topicReason !== undefined) {
        for (const topic of topics) this.#partitionCounts.forget(topic)
        // Of a request for several topics nobody knows which one was meant.
        if (topics.size === 1) {
          postpone(unwritten, topicReason, fates)
          continue
        }
      }
      const reason = refusalOf(error)
      if (reason === undefined) failure = error
      else failure ??= new SmallerChunks(reason)
      // Only of a lane that was sent alone it is known that it was meant.
      const [lane] = unwritten
      if (reason !== undefined && lane !== undefined && unwritten.length === 1) halve(lane, reason, fates)
    }
    return failure
  }

  /**
   * Gives lanes to the records of topics whose partitions are known. A name that no topic can have is refused here:
   * once KafkaJS has heard it, requests for other topics at the same time fail for it, too.
   *
   * @returns why others still have none, if any
   */
  async #place<R extends OutgoingRecord>(
    send: Sending<R>,
    signal: AbortSignal | undefined,
  ): Promise<Error | undefined> {
    if (send.unplaced.length === 0) return undefined
    const topics = new Set(send.unplaced.map((record) => record.topic))
    const untold = await this.#partitionCounts.read(topics, this.#attemptTimeoutMs, signal)
    const told = send.unplaced.filter((record) => !untold.has(record.topic))
    send.lanes.push(...lanesOf(told, (topic) => this.#partitionCounts.of(topic)))
    send.unplaced = send.unplaced.filter((record) => {
      const error = untold.get(record.topic)
      const reason = topicRefusalOf(error)
      if (reason !== undefined) send.fates.postpone([record], reason)
      const refusal = refusalOf(error)
      if (refusal !== undefined) send.fates.refuse(record, refusal)
      return error !== undefined && reason === undefined && refusal === undefined
    })
    return untold.get(send.unplaced[0]?.topic ?? '')
  }

  async #connected(signal: AbortSignal | undefined): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // KafkaJS follows a leader that has moved; whatever takes longer is ours, with a new producer.
      retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    })
    const connecting = producer.connect()
    try {
      await withDeadline(connecting, this.#attemptTimeoutMs, signal)
    } catch (error) {
      // It may still succeed, after we stopped waiting for it.
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
}

const disconnectTimeoutMs = 2_000
/** The first wait before what failed is sent again, and the longest. */
const retryBaseMs = 100
const retryCapMs = 1_000

/** Between half of the doubled wait and all of it, so that relays which failed together do not come back together. */
function retryDelayMs(failures: number): number {
  return Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + Math.random() / 2)
}

interface Sending<R extends OutgoingRecord> {
  /** Those of topics whose partition count is still to be read. */
  unplaced: readonly R[]
  readonly fates: Fates<R>
  readonly lanes: Lane<R>[]
  /** Each lane in a request of its own. */
  apart: boolean
}

/** Not a failure of Kafka: the next round goes without waiting. */
class SmallerChunks extends Error {}

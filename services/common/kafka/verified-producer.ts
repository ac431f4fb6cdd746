import { setTimeout as sleep } from 'node:timers/promises'
import { type Kafka, Partitioners, type Producer } from 'kafkajs'
import { defer, halve, type PartitionBatch, partitionBatchesOf } from './partition-batches.ts'
import { PartitionCounts } from './partition-counts.ts'
import { refusalOf, topicRefusalOf } from './refusal.ts'
import { type OutgoingRecord, type SendOutcome, SendResults } from './send-outcome.ts'
import { asError, sendPartitionBatches } from './send-partition-batches.ts'
import { withDeadline } from './with-deadline.ts'

export type { OutgoingRecord, SendOutcome } from './send-outcome.ts'

/**
 * Kafka accepted no records for as long as the caller was patient; they may be sent again at any time.
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
  /** The time without any progress after which {@link KafkaUnavailableError} is thrown, in milliseconds. */
  readonly patienceMs?: number
  /** The time that one request may take before its producer is discarded, in milliseconds. */
  readonly attemptTimeoutMs?: number
  /** Called after each failed attempt; the records are sent again. */
  readonly onRetry?: (error: Error) => void
  /** Called right before each request and right after its answer, so that a fault test can end the process there. */
  readonly onRequest?: (moment: 'before' | 'after') => void
}

/**
 * An idempotent producer that verifies every result: a record counts as published when an answer names its topic and
 * partition without an error. KafkaJS alone resolves a send although a partition was never sent, when its leader moves
 * to a broker that has answered already.
 *
 * - One {@link send} at a time. Order per topic and partition is the order given, also when parts are sent again.
 * - What the answers leave out is sent again through the same producer, whose sequence numbers still fit.
 * - After a send that fails, the producer is discarded, because its sequence numbers no longer fit. What is not known
 *   to be published is sent through a new one, each partition by itself, so that one without a leader does not make
 *   the others repeat. Repeats are possible; a loss is not.
 * - A batch that is too large is halved. A single record that Kafka still refuses is reported as rejected.
 * - The records of a topic that is missing or forbidden are reported as deferred at once; all others are sent.
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
   * Connects and gets a producer id, which proves that Kafka is there.
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
   * Sends records and returns when the result of each is known.
   *
   * @param records - each is its own object, which identifies its result; to send one twice, copy it
   * @throws TypeError if the same object is among them twice
   * @throws KafkaUnavailableError when Kafka accepted nothing for `patienceMs`; some records may have been published
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
      // Records that are still under way must not meet the sequence numbers of the next send.
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
    const results = new SendResults<R>()
    const send: Sending<R> = { unplaced: records, results, batches: [], apart: false }
    let progressAt = performance.now()
    for (let failures = 0; results.settled < records.length; ) {
      signal?.throwIfAborted()
      const settledBefore = results.settled
      const failure = await this.#round(send, signal).catch(asError)
      if (results.settled > settledBefore) {
        progressAt = performance.now()
        failures = 0
      }
      if (failure === undefined) continue
      signal?.throwIfAborted()
      send.apart = true
      if (failure instanceof SmallerSlices) continue
      this.#onRetry(failure)
      if (performance.now() - progressAt >= this.#patienceMs) {
        throw new KafkaUnavailableError(`Kafka does not take records: ${failure.message}`, { cause: failure })
      }
      failures += 1
      await sleep(retryDelayMs(failures), undefined, signal ? { signal } : {}).catch(() =>
        signal?.throwIfAborted(),
      )
    }
    return results.inOrderOf(records)
  }

  /**
   * Sends the first slice of every batch, and removes those that were written. @returns the failure, if any
   */
  async #round<R extends OutgoingRecord>(
    send: Sending<R>,
    signal: AbortSignal | undefined,
  ): Promise<Error | undefined> {
    const { results } = send
    let failure = await this.#place(send, signal)
    for (const batch of send.batches) {
      batch.slices = batch.slices
        .map((slice) => results.withoutSkipped(slice))
        .filter((slice) => slice.length > 0)
    }
    const waiting = send.batches.filter((batch) => batch.slices.length > 0)
    if (waiting.length === 0) return failure
    const producer = await this.#connected(signal)
    const requests = send.apart ? waiting.map((batch) => [batch]) : [waiting]
    const limits = { timeoutMs: this.#attemptTimeoutMs, onRequest: this.#onRequest, signal }
    const answers = await Promise.all(
      requests.map((request) => sendPartitionBatches(producer, request, limits)),
    )
    if (answers.some((answer) => answer.producerFailed)) this.#discard()
    for (const { written, unwritten, error } of answers) {
      for (const batch of written) results.publish(batch.slices.shift() ?? [])
      if (error === undefined) continue
      const topics = new Set(unwritten.map((batch) => batch.topic))
      const topicReason = topicRefusalOf(error)
      if (topicReason !== undefined) {
        for (const topic of topics) this.#partitionCounts.forget(topic)
        // The error of a request for several topics does not name its topic.
        if (topics.size === 1) {
          defer(unwritten, topicReason, results)
          continue
        }
      }
      const reason = refusalOf(error)
      if (reason === undefined) failure = error
      else failure ??= new SmallerSlices(reason)
      // Only the error of a batch that was sent alone is certain to mean that batch.
      const [batch] = unwritten
      if (reason !== undefined && batch !== undefined && unwritten.length === 1) halve(batch, reason, results)
    }
    return failure
  }

  /**
   * Puts the records of topics whose partitions are known into batches. A name that no topic can have is rejected
   * here: once KafkaJS has it, requests for other topics at the same time fail for it as well.
   *
   * @returns the reason for which other records still have none, if any
   */
  async #place<R extends OutgoingRecord>(
    send: Sending<R>,
    signal: AbortSignal | undefined,
  ): Promise<Error | undefined> {
    if (send.unplaced.length === 0) return undefined
    const topics = new Set(send.unplaced.map((record) => record.topic))
    const unknown = await this.#partitionCounts.read(topics, this.#attemptTimeoutMs, signal)
    const known = send.unplaced.filter((record) => !unknown.has(record.topic))
    send.batches.push(...partitionBatchesOf(known, (topic) => this.#partitionCounts.of(topic)))
    send.unplaced = send.unplaced.filter((record) => {
      const error = unknown.get(record.topic)
      const reason = topicRefusalOf(error)
      if (reason !== undefined) send.results.defer([record], reason)
      const refusal = refusalOf(error)
      if (refusal !== undefined) send.results.reject(record, refusal)
      return error !== undefined && reason === undefined && refusal === undefined
    })
    return unknown.get(send.unplaced[0]?.topic ?? '')
  }

  async #connected(signal: AbortSignal | undefined): Promise<Producer> {
    if (this.#producer !== undefined) return this.#producer
    const producer = this.#kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      // KafkaJS follows a leader that has moved; a longer failure is handled here, with a new producer.
      retry: { retries: 3, initialRetryTime: 50, maxRetryTime: 500 },
    })
    const connecting = producer.connect()
    try {
      await withDeadline(connecting, this.#attemptTimeoutMs, signal)
    } catch (error) {
      // It may still succeed after the wait has ended.
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
      // It is discarded because it does not work: a failure to disconnect changes nothing.
    })
  }
}

const disconnectTimeoutMs = 2_000
/** The first and the longest wait before failed records are sent again. */
const retryBaseMs = 100
const retryCapMs = 1_000

/** Between half of the doubled wait and all of it, so that relays which failed together do not come back together. */
function retryDelayMs(failures: number): number {
  return Math.min(retryCapMs, retryBaseMs * 2 ** Math.min(failures - 1, 30)) * (0.5 + Math.random() / 2)
}

interface Sending<R extends OutgoingRecord> {
  /** The records of topics whose partition count is still to be read. */
  unplaced: readonly R[]
  readonly results: SendResults<R>
  readonly batches: PartitionBatch<R>[]
  /** Whether each batch is sent in a request of its own. */
  apart: boolean
}

/** Not a failure of Kafka: the next round begins at once. */
class SmallerSlices extends Error {}

import {
  type Counter,
  type Gauge,
  type Histogram,
  hopBuckets,
  type Metrics,
  metricName,
} from '../../telemetry/metrics.ts'

/** The metrics of all consumers of a process; the label `consumer` says whose a value is. */
export interface ConsumerMetrics {
  /** Messages that were handled and committed. */
  readonly handled: Counter
  /** Valid messages of types that the handler passes over. */
  readonly passedOver: Counter
  /** Messages that were dropped because the inbox had their id. */
  readonly duplicates: Counter
  readonly deadLetters: Counter
  /** Messages in one transaction. */
  readonly batchSize: Histogram
  /**
   * From the append of a new message at its broker to its arrival in this process: replication, the end of the fetch
   * before it, and its own fetch.
   */
  readonly deliverySeconds: Histogram
  /** From its arrival to the start of the transaction that handled it. */
  readonly waitSeconds: Histogram
  /** From the first statement of a transaction to its commit. */
  readonly transactionSeconds: Histogram
  /** Transactions that were rolled back because another member or a replay had moved a position. */
  readonly fenced: Counter
  /** Batches that did not begin at the stored position. */
  readonly offsetMismatches: Counter
  /** Positions that moved over records which were gone before they were read. */
  readonly gaps: Counter
  /** Transactions that failed and are tried again. */
  readonly retries: Counter
  /** Partitions that do not go on: most of their recent messages are poison, or they are behind and do not move. */
  readonly stopped: Gauge
}

const metricsOf = new WeakMap<Metrics, ConsumerMetrics>()

/** The consumer metrics of this registry, made at the first call. */
export function consumerMetrics(metrics: Metrics): ConsumerMetrics {
  const existing = metricsOf.get(metrics)
  if (existing !== undefined) return existing
  const created = create(metrics)
  metricsOf.set(metrics, created)
  return created
}

function create(metrics: Metrics): ConsumerMetrics {
  const labelNames = ['consumer']
  return {
    handled: metrics.counter({
      name: metricName(metrics, 'consumer_messages_handled_total'),
      help: 'Messages handled and committed',
      labelNames,
    }),
    passedOver: metrics.counter({
      name: metricName(metrics, 'consumer_messages_passed_over_total'),
      help: 'Messages that were valid, and with which the handler does nothing',
      labelNames,
    }),
    duplicates: metrics.counter({
      name: metricName(metrics, 'consumer_duplicates_dropped_total'),
      help: 'Messages dropped because their id was known',
      labelNames,
    }),
    deadLetters: metrics.counter({
      name: metricName(metrics, 'consumer_dead_letters_total'),
      help: 'Messages put aside, by reason',
      labelNames: ['consumer', 'reason'],
    }),
    batchSize: metrics.histogram({
      name: metricName(metrics, 'consumer_batch_messages'),
      help: 'Messages in one transaction',
      labelNames,
      buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    }),
    deliverySeconds: metrics.histogram({
      name: metricName(metrics, 'consumer_delivery_seconds'),
      help: 'From the append of a new message at its broker to this process',
      labelNames,
      buckets: hopBuckets,
    }),
    waitSeconds: metrics.histogram({
      name: metricName(metrics, 'consumer_wait_seconds'),
      help: 'From there to the transaction that handled it',
      labelNames,
      buckets: hopBuckets,
    }),
    transactionSeconds: metrics.histogram({
      name: metricName(metrics, 'consumer_transaction_seconds'),
      help: 'Duration of a transaction, commit included',
      labelNames,
      buckets: hopBuckets,
    }),
    fenced: metrics.counter({
      name: metricName(metrics, 'consumer_fenced_total'),
      help: 'Transactions rolled back because another member or a replay had moved a position',
      labelNames,
    }),
    offsetMismatches: metrics.counter({
      name: metricName(metrics, 'consumer_misplaced_batches_total'),
      help: 'Batches that did not begin at the stored position and were not handled',
      labelNames,
    }),
    gaps: metrics.counter({
      name: metricName(metrics, 'consumer_gaps_total'),
      help: 'Positions that Kafka no longer had: records were gone before they were read, or the log had lost its end',
      labelNames,
    }),
    retries: metrics.counter({
      name: metricName(metrics, 'consumer_retries_total'),
      help: 'Transactions that failed and are tried again',
      labelNames,
    }),
    stopped: metrics.gauge({
      name: metricName(metrics, 'consumer_stopped_partitions'),
      help: 'Partitions that do not go on: most of their recent messages are poison, or they are behind and do not move',
      labelNames,
    }),
  }
}

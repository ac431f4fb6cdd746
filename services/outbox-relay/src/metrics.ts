import {
  type Counter,
  type Gauge,
  type Histogram,
  hopBuckets,
  type Metrics,
} from '@boxoffice/common/telemetry/metrics.ts'

export interface RelayMetrics {
  readonly active: Gauge
  readonly shard: Gauge
  readonly shards: Gauge
  readonly obstacle: Gauge
  readonly published: Counter
  readonly batchRows: Histogram
  readonly waitSeconds: Histogram
  readonly oldestAgeSeconds: Gauge
  readonly retainedWalBytes: Gauge
  readonly confirmedLagBytes: Gauge
  readonly freeSlots: Gauge
  readonly foreignSlots: Gauge
  readonly sweptRows: Counter
  readonly parked: Counter
  readonly parkedRows: Gauge
  readonly sessions: Counter
  readonly sendRetries: Counter
}

export function createRelayMetrics(metrics: Metrics): RelayMetrics {
  return {
    active: metrics.gauge({
      name: 'outbox_relay_active',
      help: '1 while this relay publishes, 0 on standby',
    }),
    shard: metrics.gauge({
      name: 'outbox_relay_shard',
      help: 'Which shard of the outbox this relay publishes, from 1; not shown on standby',
    }),
    shards: metrics.gauge({
      name: 'outbox_relay_shards',
      help: 'Shards of the outbox, each of which needs an active relay',
    }),
    obstacle: metrics.gauge({
      name: 'outbox_relay_obstacle',
      help: '1 for what keeps this relay from reading the log, or from publishing at all',
      labelNames: ['reason'],
    }),
    published: metrics.counter({
      name: 'outbox_relay_published_total',
      help: 'Rows that Kafka acknowledged',
    }),
    batchRows: metrics.histogram({
      name: 'outbox_relay_batch_rows',
      help: 'Rows published by one send',
      buckets: [1, 2, 5, 10, 25, 50, 100, 250, 500, 1_000],
    }),
    waitSeconds: metrics.histogram({
      name: 'outbox_relay_wait_seconds',
      help: "From the commit of a row that the stream brought to Kafka's acknowledgement",
      buckets: hopBuckets,
    }),
    oldestAgeSeconds: metrics.gauge({
      name: 'outbox_relay_oldest_unpublished_age_seconds',
      help: 'Age of the oldest row in the outbox, 0 when it is empty; measured by the relay that is not on standby',
    }),
    retainedWalBytes: metrics.gauge({
      name: 'outbox_relay_retained_wal_bytes',
      help: 'Write-ahead log that PostgreSQL keeps for the slot; of several shards, for the slot that holds the most',
    }),
    confirmedLagBytes: metrics.gauge({
      name: 'outbox_relay_confirmed_lag_bytes',
      help: 'Write-ahead log between what the slot has confirmed and now; of several shards, of the slot that is the furthest behind',
    }),
    freeSlots: metrics.gauge({
      name: 'outbox_relay_free_slots',
      help: 'Replication slots that the server can still make, for any relay or standby',
    }),
    foreignSlots: metrics.gauge({
      name: 'outbox_relay_foreign_slots',
      help: "Slots of this database that are no relay's: neither of this outbox nor read as another's",
    }),
    sweptRows: metrics.counter({
      name: 'outbox_relay_swept_rows_total',
      help: 'Rows that the stream did not bring and the sweep published',
    }),
    parked: metrics.counter({ name: 'outbox_relay_parked_total', help: 'Rows moved to parked_outbox' }),
    parkedRows: metrics.gauge({ name: 'outbox_relay_parked_rows', help: 'Rows in parked_outbox now' }),
    sessions: metrics.counter({
      name: 'outbox_relay_reconnects_total',
      help: 'Times the relay began anew after a failure of Kafka or PostgreSQL',
    }),
    sendRetries: metrics.counter({
      name: 'outbox_relay_send_retries_total',
      help: 'Sends that failed or were not fully answered, and were repeated',
    }),
  }
}

import { randomUUID } from 'node:crypto'
import type { Kafka } from '@boxoffice/common/kafka/client.ts'
import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { startTail, type Tail } from '@boxoffice/kafka'
import { createDecode } from '@boxoffice/messaging/records'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import type { PaymentAcceptedEvent } from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import type { Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { paymentEventSchemas, paymentEventsTopic } from '../contract/payment-events.ts'
import type { PaymentFeed } from './payment-feed.ts'
import { refreshUntilRead } from './refresh-until-read.ts'
import { createTailRest } from './tail-rest.ts'

const decode = createDecode(createProtobufCodec(paymentEventSchemas))

/**
 * Tails payment-events with a group of its own, so that this replica's watchers see what other replicas commit.
 * Records of payments without a watcher here are not even decoded.
 */
export async function startPaymentTail({
  kafka,
  feed,
  log,
}: {
  readonly kafka: Kafka
  readonly feed: PaymentFeed
  readonly log: Logger
}): Promise<Tail> {
  let refreshing = new AbortController()
  const rest = createTailRest(feed)
  const tail = await startTail({
    kafka,
    topic: paymentEventsTopic,
    groupId: `payment-tail-${randomUUID()}`,
    rest: rest.wait,
    log,
    onAssigned() {
      refreshing.abort()
      refreshing = new AbortController()
      void refreshUntilRead(feed, log, refreshing.signal)
    },
    onRecords: (records) => {
      for (const record of records) {
        const payment = watchedPayment(record, feed)
        if (payment !== undefined) rest.count(feed.receive(payment))
      }
    },
  })
  return {
    ...tail,
    async stop() {
      await tail.stop()
      refreshing.abort()
    },
  }
}

/** The payment in a record, if it is watched. After an unreadable record the next event shows a gap. */
function watchedPayment(record: ConsumedRecord, feed: PaymentFeed): Payment | undefined {
  if (record.key === null || !feed.isWatched(record.key.toString())) return undefined
  const decoded = decode(record)
  return 'message' in decoded ? (decoded.message.body as PaymentAcceptedEvent).payment : undefined
}

import { randomUUID } from 'node:crypto'
import { type OutgoingRecord, VerifiedProducer } from '@boxoffice/kafka'
import { contractOf, topicOf } from '@boxoffice/messaging-protobuf'
import {
  PointUsedEventSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { DescMessage } from '@bufbuild/protobuf'
import type { Fault } from '../fault.ts'
import type { Random } from '../random.ts'

/** Marks the records that the harness itself has written, to distinguish them from those of the services. */
export const poisonHeader = 'fault-harness'

/** One message type for each topic. */
const schemas: Readonly<Record<string, DescMessage>> = Object.fromEntries(
  [UsePointCommandSchema, PointUsedEventSchema, ConfirmSeatsCommandSchema, SeatsConfirmedEventSchema].map(
    (schema) => [topicOf(schema), schema],
  ),
)

/** Records that no consumer can read, under keys of their own. */
export const poison: Fault = {
  name: 'poison',
  targets: Object.keys(schemas),
  lastsMs: [0, 0],
  ground: (target) => `poison in ${target}`,
  async inject(world, target, random) {
    const producer = new VerifiedProducer({ kafka: world.kafka, patienceMs: 10_000 })
    try {
      await producer.send(Array.from({ length: random.between(1, 5) }, () => poisoned(target, random)))
    } finally {
      await producer.close()
    }
    return async () => {}
  },
}

function poisoned(topic: string, random: Random): OutgoingRecord {
  const id = randomUUID()
  const schema = schemas[topic] as DescMessage
  const good = {
    topic,
    key: Buffer.from(`poison-${id}`),
    value: Buffer.from([0xff, 0xff]),
    headers: {
      [poisonHeader]: 'poison',
      ce_specversion: '1.0',
      ce_id: id,
      ce_type: schema.typeName,
      ce_source: contractOf(schema).source,
      ce_time: new Date().toISOString(),
      ce_subject: id,
      'content-type': 'application/protobuf',
    },
  }
  return random.pick<OutgoingRecord>([
    good,
    { ...good, value: null },
    { ...good, value: Buffer.alloc(0) },
    { ...good, headers: { [poisonHeader]: 'poison' } },
    { ...good, headers: { ...good.headers, ce_source: 'boxoffice/fault-harness' } },
    { ...good, headers: { ...good.headers, ce_type: 'boxoffice.nobody.v1.Knows' } },
    { ...good, key: Buffer.from(`poison\0${id}`) },
  ])
}

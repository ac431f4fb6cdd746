import { randomUUID } from 'node:crypto'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import type { TestSystem } from './shared-system.ts'

/** Sends point a command that it cannot decode: valid headers, the key of a user, and three bytes that are no protobuf. */
export async function sendPoison(system: TestSystem, key: string): Promise<void> {
  const kafka = createKafka({ brokers: system.addresses.kafka.brokers, clientId: 'poisoner' })
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const value = Buffer.from([0xff, 0xff, 0xff])
  const headers = {
    ce_specversion: '1.0',
    ce_id: randomUUID(),
    ce_type: 'boxoffice.point.v1.UsePointCommand',
    ce_source: 'boxoffice/payment',
    ce_time: new Date().toISOString(),
    ce_subject: randomUUID(),
    'content-type': 'application/protobuf',
  }
  await producer.send({ topic: 'point-commands', messages: [{ key, value, headers }] })
  await producer.disconnect()
}

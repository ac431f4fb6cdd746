import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createTopics, defaultGroupTimes, type GroupMember, startGroupMember } from '@boxoffice/kafka'
import { findJson } from '../../support/kubectl.ts'
import type { TestSystem } from '../../support/shared-system.ts'
import { waitUntil } from '../../support/wait-until.ts'

/** A client of the system's brokers, for a test's own groups and topics. */
export function kafkaOf(system: TestSystem): Kafka {
  return createKafka({ brokers: system.addresses.kafka.brokers, clientId: 'test' })
}

/** Creates a topic of three partitions with `records` records spread over them. */
export async function makeTopic(kafka: Kafka, records = 0): Promise<string> {
  const name = `test-${randomUUID().slice(0, 8)}`
  await createTopics(kafka, [{ name, partitions: 3, replicas: 1, config: {} }])
  if (records > 0) await send(kafka, name, records)
  return name
}

export async function send(kafka: Kafka, topic: string, records: number): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const messages = Array.from({ length: records }, (_, nth) => ({ partition: nth % 3, value: `${nth}` }))
  await producer.send({ topic, messages })
  await producer.disconnect()
}

/** Joins a group that reads a topic to its end and commits what it has read. */
export async function joinGroup(kafka: Kafka, groupId: string, topic: string): Promise<GroupMember> {
  const log = createLog({ service: 'test', level: 'silent' })
  const member: GroupMember = startGroupMember({
    kafka,
    groupId,
    topics: [topic],
    from: 'earliest',
    times: { ...defaultGroupTimes, maxWaitMs: 100 },
    log,
    onAssigned: () => {},
    async onBatch(batch) {
      batch.resolve(batch.end)
      await member.commit([{ topic: batch.topic, partition: batch.partition, offset: batch.end }])
    },
  })
  await waitUntil(`${groupId} has members`, async () => member.joined())
  return member
}

/** Waits until the resource of a group is as wanted, and returns it. */
export async function untilGroup(
  namespace: string,
  name: string,
  // biome-ignore lint/suspicious/noExplicitAny: a resource of the cluster
  isAsWanted: (resource: any) => boolean,
  deadlineMs = 20_000,
) {
  return await waitUntil(
    `the consumer group ${name} is as wanted`,
    async () => {
      const found = await findJson('cg', name, '--namespace', namespace)
      return found?.status !== undefined && isAsWanted(found) && found
    },
    { deadlineMs, pollMs: 200 },
  )
}

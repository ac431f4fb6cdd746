import { createClient } from '@boxoffice/common/grpc/client.ts'
import { topicIds, withAdmin } from '@boxoffice/kafka'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { signToken } from '../../scripts/platform/auth.ts'
import type { ServiceName } from '../../scripts/verify/consumer-lag.ts'
import { commandLineOf } from '../support/command-line.ts'
import { present } from '../support/customer.ts'
import { sql } from '../support/sql.ts'
import { waitUntil } from '../support/wait-until.ts'
import type { DumpedRecord } from './dumped-record.ts'
import type { World } from './world.ts'

/**
 * Accepts a topic that was created again, as an operator does: from its beginning. Records which messages of the
 * former topic the consumer had not read.
 *
 * @throws Error if the consumer does not report within half a minute that the topic was recreated
 */
export async function acceptTopic(world: World, consumer: ServiceName, topic: string): Promise<void> {
  await waitUntil(`${consumer} reports that ${topic} was recreated`, () =>
    isRecreated(world, consumer, topic),
  )
  const topicId = present((await withAdmin(world.kafka, (admin) => topicIds(admin, [topic]))).get(topic))
  const inbox = await sql<{ message_id: string }>(world.system, consumer, 'SELECT message_id FROM inbox')
  world.accepted.push({ consumer, topicId, inbox: new Set(inbox.map((row) => row.message_id)) })
  await noteUnread(world, consumer, topic)
  const cli = await commandLineOf(world.system)
  await waitUntil(`${topic} is accepted`, async () => {
    const command = ['consumers', 'accept', '--consumer', consumer, '--topic', topic, '--from', 'earliest']
    return (await cli.run(...command)).exitCode === 0
  })
}

/** One sentence for each record of a recreated topic that its consumer read before the topic was accepted. */
export function earlyReads({ accepted, deleted }: World, records: readonly DumpedRecord[]): string[] {
  const known = new Set(deleted.map(({ messageId }) => messageId))
  return accepted.flatMap(({ consumer, topicId, inbox }) =>
    records
      .filter(
        ({ messageId, ...at }) => at.topicId === topicId && inbox.has(messageId) && !known.has(messageId),
      )
      .map(
        ({ type, messageId }) =>
          `recreate-topic: ${consumer} read ${type} ${messageId} before the topic was accepted`,
      ),
  )
}

async function isRecreated({ system }: World, consumer: ServiceName, topic: string): Promise<boolean> {
  const token = await signToken(system.auth, { subject: 'fault-harness', roles: ['operator'] })
  const client = createClient(ConsumerService, present(system.addresses.services[consumer].grpc[0]), {
    token: () => token,
    deadlineMs: 10_000,
  })
  try {
    const { consumers } = await client.listConsumers({})
    return consumers.some(({ partitions }) =>
      partitions.some((partition) => partition.topic === topic && partition.recreated),
    )
  } catch {
    return false
  } finally {
    client.close()
  }
}

interface PositionRow {
  readonly partition: number
  readonly next_offset: string
  readonly topic_id: string | null
}

async function noteUnread(world: World, consumer: ServiceName, topic: string): Promise<void> {
  const positions = await sql<PositionRow>(
    world.system,
    consumer,
    'SELECT partition, next_offset::text, topic_id FROM consumer_position WHERE topic = $1',
    [topic],
  )
  const nextOf = new Map(
    positions.map((row) => [`${row.topic_id} ${row.partition}`, BigInt(row.next_offset)] as const),
  )
  for (const [nth, record] of world.deleted.entries()) {
    const next = nextOf.get(`${record.topicId} ${record.partition}`)
    if (record.topic === topic && next !== undefined && record.offset >= next)
      world.deleted[nth] = { ...record, isUnread: true }
  }
}

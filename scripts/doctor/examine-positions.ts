import { type Finding, fine, problem } from '@boxoffice/common/doctor/finding.ts'
import { type Admin, createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { topicIds, withAdmin } from '@boxoffice/kafka'
import { isOfAnotherTopic } from '@boxoffice/messaging/operations'
import pg from 'pg'
import { type DatabaseName, databaseNames } from '../platform/databases.ts'

/** A topic that a consumer has a position in. */
export interface StoredTopic {
  readonly consumer: string
  readonly topic: string
  readonly topicId: string
}

/** Whether the consumers' stored positions are in the topics that Kafka has; nothing where one of the two cannot be asked. */
export async function examinePositions(adminUrl: string, kafka: KafkaAddress): Promise<Finding[]> {
  try {
    const stored = (await Promise.all(databaseNames.map((name) => readStored(adminUrl, name)))).flat()
    const client = createKafka({ ...kafka, clientId: 'doctor' })
    return judgePositions(stored, await withAdmin(client, (admin) => idsOf(admin, stored)))
  } catch {
    // What is said of Kafka and PostgreSQL says why.
    return []
  }
}

/** The ids of those topics that there are: Kafka answers nothing at all where it is asked for one that there is not. */
export async function idsOf(admin: Admin, stored: readonly StoredTopic[]): Promise<Map<string, string>> {
  await admin.connect()
  const present = new Set(await admin.listTopics())
  const topics = new Set(stored.map(({ topic }) => topic).filter((topic) => present.has(topic)))
  return await topicIds(admin, [...topics])
}

/** @param ids - of the topics that there are, by name */
export function judgePositions(stored: readonly StoredTopic[], ids: ReadonlyMap<string, string>): Finding[] {
  const recreated = stored.filter((position) => isOfAnotherTopic(position, ids))
  if (recreated.length === 0) return [fine('The consumers stand in the topics that Kafka has.')]
  return recreated.map(({ consumer, topic }) =>
    problem(
      `${topic} was deleted and created again: ${consumer} reads nothing of it.`,
      'A stored position is one in the former topic.',
      `Decide from where it is read: npx boxoffice consumers accept --consumer ${consumer} --topic ${topic} --from earliest`,
    ),
  )
}

async function readStored(adminUrl: string, database: DatabaseName): Promise<StoredTopic[]> {
  const url = new URL(adminUrl)
  url.pathname = `/${database}`
  const client = new (clientOf({ url: url.href }, pg.Client))()
  await client.connect()
  try {
    const { rows } = await client.query<StoredTopic>(selectStored)
    return rows
  } finally {
    await client.end()
  }
}

const selectStored = `
  SELECT DISTINCT consumer, topic, topic_id AS "topicId" FROM consumer_position
  WHERE topic_id IS NOT NULL ORDER BY consumer, topic`

import { type Finding, fine, problem } from '@boxoffice/common/doctor/finding.ts'
import { type Admin, createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { areOtherTopics, topicIds, withAdmin } from '@boxoffice/kafka'
import pg from 'pg'
import { type DatabaseName, databaseNames } from '../platform/databases.ts'

/** A topic in which a consumer has a position. */
export interface StoredTopic {
  readonly consumer: string
  readonly topic: string
  readonly topicId: string
}

/**
 * Examines whether the stored positions are in the topics that Kafka has. No finding if Kafka or a database does not
 * answer.
 */
export async function examinePositions(adminUrl: string, kafka: KafkaAddress): Promise<Finding[]> {
  try {
    const stored = (await Promise.all(databaseNames.map((name) => readStored(adminUrl, name)))).flat()
    const client = createKafka({ ...kafka, clientId: 'doctor' })
    return judgePositions(stored, await withAdmin(client, (admin) => idsOf(admin, stored)))
  } catch {
    // The findings about Kafka and PostgreSQL report the reason.
    return []
  }
}

/** The ids of the existing topics: Kafka answers nothing at all if the request names a topic that does not exist. */
export async function idsOf(admin: Admin, stored: readonly StoredTopic[]): Promise<Map<string, string>> {
  await admin.connect()
  const present = new Set(await admin.listTopics())
  const topics = new Set(stored.map(({ topic }) => topic).filter((topic) => present.has(topic)))
  return await topicIds(admin, [...topics])
}

/** @param ids - the ids of the existing topics, by name */
export function judgePositions(stored: readonly StoredTopic[], ids: ReadonlyMap<string, string>): Finding[] {
  const recreated = stored.filter(({ topic, topicId }) => areOtherTopics(topicId, ids.get(topic)))
  if (recreated.length === 0)
    return [fine('The positions of the consumers are in the topics that Kafka has.')]
  return recreated.map(({ consumer, topic }) =>
    problem(
      `${topic} was deleted and created again: ${consumer} reads nothing of it.`,
      'Its stored position is in the former topic.',
      `Decide where to begin: npx boxoffice consumers accept --consumer ${consumer} --topic ${topic} --from earliest`,
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

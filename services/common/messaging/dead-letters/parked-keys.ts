import type { ConsumedRecord } from '@boxoffice/kafka'
import { keyBytesMax } from '../message/record-size.ts'
import type { Sql } from '../sql/sql.ts'

/** An ordering key: the key of a topic's records, whatever bytes it holds. */
export interface TopicKey {
  readonly topic: string
  readonly key: Buffer
}

/** The ordering key of a record; undefined where it has none that a message can have: no other record waits for it. */
export function topicKeyOf({ topic, key }: ConsumedRecord): TopicKey | undefined {
  return key === null || key.length > keyBytesMax ? undefined : { topic, key }
}

export function topicKeyName({ topic, key }: TopicKey): string {
  return `${topic}/${key.toString('base64')}`
}

/** Locks one parked key for a redrive or a discard; false if it is not parked. Consumers of the key wait. */
export async function lockParkedKey(sql: Sql, consumer: string, key: TopicKey): Promise<boolean> {
  const rows = await sql.query(lockKey, [consumer, key.topic, key.key])
  return rows.length > 0
}

/** From now on, later messages of these keys are put aside. */
export async function parkKeys(sql: Sql, consumer: string, keys: readonly TopicKey[]): Promise<void> {
  if (keys.length > 0) await sql.query(insertParkedKeys, [consumer, ...keyColumns(keys)])
}

/** Lets a locked key go back to normal if none of its messages is put aside any more; returns whether it did. */
export async function unparkIfEmpty(sql: Sql, consumer: string, key: TopicKey): Promise<boolean> {
  const rows = await sql.query(deleteEmptyKey, [consumer, key.topic, key.key])
  return rows.length > 0
}

/** Two columns, topics and keys, with each key once. */
export function keyColumns(keys: readonly TopicKey[]): [string[], Buffer[]] {
  const distinct = [...new Map(keys.map((key) => [topicKeyName(key), key])).values()]
  return [distinct.map(({ topic }) => topic), distinct.map(({ key }) => key)]
}

const lockKey = `
  SELECT 1 FROM parked_key WHERE consumer = $1 AND topic = $2 AND key_hash = sha256($3::bytea) FOR UPDATE`

const insertParkedKeys = `
  INSERT INTO parked_key (consumer, topic, key_hash, key)
  SELECT $1, topic, sha256(key), key FROM unnest($2::text[], $3::bytea[]) AS parked (topic, key)
  ORDER BY topic, sha256(key)
  ON CONFLICT DO NOTHING`

const deleteEmptyKey = `
  DELETE FROM parked_key
  WHERE consumer = $1 AND topic = $2 AND key_hash = sha256($3::bytea)
    AND NOT EXISTS (
      SELECT FROM dead_letter
      WHERE consumer = $1 AND topic = $2 AND sha256(key) = sha256($3::bytea) AND parks_key
        AND state = 'PUT_ASIDE'
    )
  RETURNING topic`

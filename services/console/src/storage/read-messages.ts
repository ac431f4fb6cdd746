import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** A row of the trail. Times are in ISO 8601; numbers past 2^53 are text. */
export interface MessageRow {
  readonly position: string
  readonly recorded: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly message_id: string | null
  readonly cause_id: string | null
  readonly payment_id: string | null
  readonly type: string
  readonly source: string
  readonly key: string | null
  readonly headers: Readonly<Record<string, string>>
  readonly payload: Buffer | null
  readonly problem: string | null
  readonly made: string
  readonly published: string
}

/** The last position of the trail. */
export async function lastPosition(em: EntityManager): Promise<bigint> {
  const [row] = await query<{ position: string }>(
    em,
    'SELECT coalesce(max(position), 0)::text AS position FROM message',
  )
  return BigInt(row?.position ?? 0)
}

/** The records of the trail after a position, in its order. */
export async function messagesAfter(em: EntityManager, after: bigint, limit: number): Promise<MessageRow[]> {
  return await query(
    em,
    `SELECT ${columns} FROM message WHERE position > $1 ORDER BY message.position LIMIT $2`,
    [String(after), limit],
  )
}

/** The records about a payment, in the order of the trail. */
export async function messagesOf(em: EntityManager, paymentId: string, limit: number): Promise<MessageRow[]> {
  return await query(
    em,
    `SELECT ${columns} FROM message WHERE payment_id = $1 ORDER BY message.position LIMIT $2`,
    [paymentId, limit],
  )
}

const iso = (column: string): string =>
  `to_char(${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`

const columns = `
  position::text, ${iso('recorded_at')} AS recorded, topic, partition, "offset"::text, message_id, cause_id, payment_id, type,
  source, key, headers, payload, problem, ${iso('made_at')} AS made, ${iso('published_at')} AS published`

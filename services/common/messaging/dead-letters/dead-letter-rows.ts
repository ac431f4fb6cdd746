import type { ConsumedRecord } from '@boxoffice/kafka'
import type { DiscardOutcome } from '../message/message-handler.ts'
import { MessagingError } from '../message/messaging-error.ts'
import type { Poison, PoisonReason } from '../message/poison.ts'
import { recordHeaders } from '../message/stored-headers.ts'
import { isoTime } from '../sql/iso-time.ts'
import type { Sql } from '../sql/sql.ts'
import { type TopicKey, topicKeyName } from './parked-keys.ts'

export type DeadLetterState = 'PUT_ASIDE' | 'REDRIVEN' | 'DISCARDED'

/** A row of `dead_letter` without the columns that may be large. */
export interface DeadLetterRow {
  readonly dead_letter_id: string
  /** Counts the dead letters in the order in which they were put aside. */
  readonly position: string
  readonly consumer: string
  readonly message_id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: Buffer | null
  /** Whether its key's messages wait behind it. */
  readonly parks_key: boolean
  /** The length of the payload, where only its beginning is kept. */
  readonly payload_bytes: string | null
  readonly payload_sha256: Buffer | null
  readonly type: string | null
  readonly reason: PoisonReason
  readonly error: string
  readonly attempts: number
  readonly state: DeadLetterState
  readonly outcome: DiscardOutcome | null
  readonly put_aside_at: string
}

export interface WholeDeadLetterRow extends DeadLetterRow {
  readonly headers: Buffer
  readonly payload: Buffer | null
}

/** The key of a topic whose messages are handled in order, or a single dead letter that no other message waits for. */
export type OrderingKey = TopicKey | { readonly deadLetterId: string }

export function orderingKeyOf({ dead_letter_id, topic, key, parks_key }: DeadLetterRow): OrderingKey {
  return key === null || !parks_key ? { deadLetterId: dead_letter_id } : { topic, key }
}

export function orderingKeyName(orderingKey: OrderingKey): string {
  return 'key' in orderingKey ? topicKeyName(orderingKey) : orderingKey.deadLetterId
}

/** The record as it was read, or as far as it is kept. */
export function recordOf(row: WholeDeadLetterRow): ConsumedRecord {
  const { topic, partition, key } = row
  return {
    topic,
    partition,
    offset: BigInt(row.offset),
    key,
    value: row.payload,
    headers: recordHeaders(row.headers),
    ...(row.payload_bytes !== null && { isPartial: true }),
  }
}

/** Why a dead letter cannot be handled from what is kept of it; undefined if it can be tried. */
export function withoutRecord({ reason, payload_bytes }: DeadLetterRow): Poison | undefined {
  if (reason === 'UNREADABLE') return { reason, error: 'it is a batch that could not be read', attempts: 1 }
  if (payload_bytes === null) return undefined
  return { reason, error: `only the beginning of its ${payload_bytes} bytes was kept`, attempts: 1 }
}

export async function findDeadLetter(
  sql: Sql,
  deadLetterId: string,
): Promise<WholeDeadLetterRow | undefined> {
  const [row] = await sql.query<WholeDeadLetterRow>(
    `SELECT ${deadLetterColumns}, headers, payload FROM dead_letter WHERE dead_letter_id = $1`,
    [deadLetterId],
  )
  return row
}

/** @throws MessagingError DEAD_LETTER_NOT_FOUND */
export async function requireDeadLetter(sql: Sql, deadLetterId: string): Promise<WholeDeadLetterRow> {
  const row = await findDeadLetter(sql, deadLetterId)
  if (row !== undefined) return row
  throw new MessagingError('DEAD_LETTER_NOT_FOUND', `this service has no dead letter ${deadLetterId}`)
}

/** The refusal of a dead letter that waits for no operator any more. */
export function deadLetterSettled(deadLetterId: string): MessagingError {
  return new MessagingError(
    'DEAD_LETTER_SETTLED',
    `dead letter ${deadLetterId} was redriven or discarded before`,
  )
}

/**
 * Locks the first messages of an ordering key that are still put aside, in the order in which they were put aside.
 * Their offsets give no order: where partitions were added, the messages of a key are in two.
 */
export async function lockPutAside(
  sql: Sql,
  consumer: string,
  orderingKey: OrderingKey,
  limit: number,
): Promise<WholeDeadLetterRow[]> {
  const select = `SELECT ${deadLetterColumns}, headers, payload FROM dead_letter WHERE consumer = $1 AND state = 'PUT_ASIDE'`
  return 'deadLetterId' in orderingKey
    ? await sql.query(`${select} AND dead_letter_id = $2 LIMIT $3 FOR UPDATE`, [
        consumer,
        orderingKey.deadLetterId,
        limit,
      ])
    : await sql.query(
        `${select} AND topic = $2 AND sha256(key) = sha256($3::bytea) AND parks_key
         ORDER BY dead_letter.position LIMIT $4 FOR UPDATE`,
        [consumer, orderingKey.topic, orderingKey.key, limit],
      )
}

/** Locks a dead letter; undefined if it is not put aside any more. */
export async function lockPutAsideRow(
  sql: Sql,
  deadLetterId: string,
): Promise<WholeDeadLetterRow | undefined> {
  const [row] = await sql.query<WholeDeadLetterRow>(
    `SELECT ${deadLetterColumns}, headers, payload FROM dead_letter
     WHERE dead_letter_id = $1 AND state = 'PUT_ASIDE' FOR UPDATE`,
    [deadLetterId],
  )
  return row
}

/** How many messages of these ordering keys are still put aside. */
export async function countPutAside(
  sql: Sql,
  consumer: string,
  orderingKeys: readonly OrderingKey[],
): Promise<number> {
  const keys = orderingKeys.filter((orderingKey) => 'key' in orderingKey)
  const [row] = await sql.query<{ count: number }>(countRows, [
    consumer,
    keys.map(({ topic }) => topic),
    keys.map(({ key }) => key),
    orderingKeys.flatMap((orderingKey) => ('deadLetterId' in orderingKey ? [orderingKey.deadLetterId] : [])),
  ])
  return row?.count ?? 0
}

const countRows = `
  SELECT count(*)::int AS count FROM dead_letter
  WHERE consumer = $1 AND state = 'PUT_ASIDE'
    AND (parks_key
        AND (topic, sha256(key)) IN (SELECT topic, sha256(key) FROM unnest($2::text[], $3::bytea[]) AS line (topic, key))
      OR dead_letter_id = ANY($4::uuid[]))`

/** Numbers past 2^53 as text: an ORDER BY names the table (`dead_letter.position`), or it sorts the text. */
export const deadLetterColumns = `
  dead_letter_id, position::text, consumer, message_id, topic, partition, "offset"::text, key, parks_key,
  payload_bytes::text, payload_sha256, type, reason, error, attempts, state, outcome, ${isoTime('put_aside_at')} AS put_aside_at`

import { requireConsumer } from '../message/require-consumer.ts'
import { requireText, requireUuid } from '../message/require-field.ts'
import type { Sql } from '../sql/sql.ts'
import { checkFilter, type DeadLetterFilter, filterParameters, matchesFilter } from './dead-letter-filter.ts'
import {
  deadLetterSettled,
  findDeadLetter,
  type OrderingKey,
  orderingKeyOf,
  requireDeadLetter,
} from './dead-letter-rows.ts'

/**
 * The messages that an operator wants to be handled again: one with those of its key, those of a key, or all that
 * match.
 */
export type RedriveSelection =
  | { readonly case: 'deadLetterId'; readonly value: string }
  | {
      readonly case: 'key'
      readonly value: { readonly consumer: string; readonly topic: string; readonly key: Uint8Array }
    }
  | { readonly case: 'filter'; readonly value: DeadLetterFilter }

/** The number of keys that one redrive selects, at most. The next redrive selects the others and counts them. */
const orderingKeysMax = 10_000

/**
 * Refuses a selection that no database could have.
 *
 * @throws MessagingError FIELD_VIOLATION, CONSUMER_NOT_FOUND
 */
export function checkSelection(consumer: string, selection: RedriveSelection): void {
  if (selection.case === 'deadLetterId') {
    requireUuid('selection.value', selection.value)
    return
  }
  const { value } = selection
  if (value.consumer !== undefined) requireConsumer(consumer, value.consumer)
  if (selection.case === 'key') requireText('selection.value.topic', value.topic)
  else checkFilter(selection.value)
}

/**
 * Refuses a selection that names what is not there.
 *
 * @throws MessagingError DEAD_LETTER_NOT_FOUND, CONSUMER_NOT_FOUND, DEAD_LETTER_SETTLED
 */
export async function requireSelected(
  sql: Sql,
  consumer: string,
  selection: RedriveSelection,
): Promise<void> {
  if (selection.case !== 'deadLetterId') return
  const row = await requireDeadLetter(sql, selection.value)
  if (row.state !== 'PUT_ASIDE') throw deadLetterSettled(selection.value)
  requireConsumer(consumer, row.consumer)
}

/** The ordering keys of a selection: a key comes before another if its first message was put aside earlier. */
export async function selectOrderingKeys(
  sql: Sql,
  consumer: string,
  selection: RedriveSelection,
): Promise<OrderingKey[]> {
  switch (selection.case) {
    case 'deadLetterId': {
      const row = await findDeadLetter(sql, selection.value)
      return row === undefined ? [] : [orderingKeyOf(row)]
    }
    case 'key':
      return [{ topic: selection.value.topic, key: Buffer.from(selection.value.key) }]
    case 'filter': {
      const filter = { ...selection.value, consumer, state: 'PUT_ASIDE' as const }
      const rows = await sql.query<OrderingKeyRow>(selectMatchingKeys, [
        ...filterParameters(filter),
        orderingKeysMax,
      ])
      return rows.map(toOrderingKey)
    }
  }
}

/** The ordering keys that have stopped in this redrive already, each with the message that failed and its error. */
export async function failedOrderingKeys(
  sql: Sql,
  redriveId: string,
): Promise<{ readonly orderingKey: OrderingKey; readonly deadLetterId: string; readonly error: string }[]> {
  const rows = await sql.query<{ dead_letter_id: string; topic: string; key: Buffer | null; detail: string }>(
    selectFailed,
    [redriveId],
  )
  return rows.map((row) => ({
    orderingKey: toOrderingKey(row),
    deadLetterId: row.dead_letter_id,
    error: row.detail,
  }))
}

interface OrderingKeyRow {
  readonly topic: string
  readonly key: Buffer | null
  readonly dead_letter_id: string | null
}

function toOrderingKey({ topic, key, dead_letter_id }: OrderingKeyRow): OrderingKey {
  return key === null ? { deadLetterId: dead_letter_id ?? '' } : { topic, key }
}

const selectMatchingKeys = `
  SELECT topic, CASE WHEN parks_key THEN key END AS key,
    CASE WHEN key IS NULL OR NOT parks_key THEN dead_letter_id END AS dead_letter_id
  FROM dead_letter
  WHERE ${matchesFilter}
  GROUP BY 1, 2, 3
  ORDER BY min(position)
  LIMIT $7`

const selectFailed = `
  SELECT DISTINCT ON (dead_letter_id) dead_letter_id, topic, CASE WHEN parks_key THEN key END AS key, detail
  FROM dead_letter_event JOIN dead_letter USING (dead_letter_id)
  WHERE redrive_id = $1 AND action = 'REDRIVE_FAILED'
  ORDER BY dead_letter_id, event_id`

import { DeadLetterState } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import type { RedriveDeadLettersRequest } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { findDeadLetter, type Line, lineOf } from '../dead-letters/dead-letter-rows.ts'
import { query } from '../postgres/query.ts'
import { apiError, Code, ErrorReason } from '../status/errors.ts'
import { filterParameters, matchesFilter } from './dead-letter-filter.ts'
import { deadLetterNotFound } from './get-dead-letter.ts'

type Selection = RedriveDeadLettersRequest['selection']

/** Keys that one redrive takes on, at most; the receipt counts what remains of the others of the next call. */
const linesMax = 10_000

/**
 * Refuses a selection of what is not there.
 *
 * @throws ApiError NOT_FOUND (DEAD_LETTER_NOT_FOUND, CONSUMER_NOT_FOUND), FAILED_PRECONDITION (DEAD_LETTER_SETTLED)
 */
export async function checkSelection(
  em: EntityManager,
  consumer: string,
  selection: Selection,
): Promise<void> {
  if (selection.case === 'deadLetterId') {
    const row = await findDeadLetter(em, selection.value)
    if (row === undefined) throw deadLetterNotFound(selection.value)
    if (row.state !== 'PUT_ASIDE')
      throw settled(`dead letter ${selection.value} was redriven or discarded before`)
    requireConsumer(consumer, row.consumer)
  } else if (selection.case === 'key') {
    requireConsumer(consumer, selection.value.consumer)
  } else if (selection.case === 'filter' && selection.value.consumer !== '') {
    requireConsumer(consumer, selection.value.consumer)
  }
}

/** The lines that a selection means, those of whose messages one was put aside first before the others. */
export async function selectLines(
  em: EntityManager,
  consumer: string,
  selection: Selection,
): Promise<Line[]> {
  switch (selection.case) {
    case 'deadLetterId': {
      const row = await findDeadLetter(em, selection.value)
      return row === undefined ? [] : [lineOf(row)]
    }
    case 'key':
      return [{ topic: selection.value.topic, key: Buffer.from(selection.value.key) }]
    case 'filter': {
      const filter = { ...selection.value, consumer, state: DeadLetterState.PUT_ASIDE }
      const rows = await query<LineRow>(em, selectMatchingLines, [...filterParameters(filter), linesMax])
      return rows.map(toLine)
    }
    default:
      return []
  }
}

/** The lines of which a message has failed in this redrive already, each with that message and its error. */
export async function failedLines(
  em: EntityManager,
  redriveId: string,
): Promise<{ readonly line: Line; readonly deadLetterId: string; readonly error: string }[]> {
  const rows = await query<{ dead_letter_id: string; topic: string; key: Buffer | null; detail: string }>(
    em,
    selectFailed,
    [redriveId],
  )
  return rows.map((row) => ({ line: toLine(row), deadLetterId: row.dead_letter_id, error: row.detail }))
}

interface LineRow {
  readonly topic: string
  readonly key: Buffer | null
  readonly dead_letter_id: string | null
}

function toLine({ topic, key, dead_letter_id }: LineRow): Line {
  return key === null ? { deadLetterId: dead_letter_id ?? '' } : { topic, key }
}

function requireConsumer(consumer: string, asked: string): void {
  if (asked === consumer) return
  const message = `this service has no consumer ${asked}; its own is ${consumer}`
  throw apiError(Code.NOT_FOUND, ErrorReason.CONSUMER_NOT_FOUND, message)
}

function settled(message: string): Error {
  return apiError(Code.FAILED_PRECONDITION, ErrorReason.DEAD_LETTER_SETTLED, message)
}

const selectMatchingLines = `
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

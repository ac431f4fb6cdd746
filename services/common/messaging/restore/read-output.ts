import type { ConsumedRecord, Kafka, Logger } from '@boxoffice/kafka'
import { type PlaceInTopic, readRanges, withAdmin } from '@boxoffice/kafka'
import { createDecode, type Decode } from '../message/decode.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type Lease, renewLease, SupersededError } from './lease.ts'
import { outputSince } from './output-since.ts'
import type { RestoreHandler } from './restore-handler.ts'
import { extendStretches, readStretches } from './restore-rows.ts'

export interface ReadOutputParts {
  readonly database: SqlDatabase
  readonly kafka: Kafka
  readonly restoring: RestoreHandler
  readonly log: Logger
  readonly signal: AbortSignal
}

/** Each round reads what was written during the round before: the relay is publishing the outbox that came back. */
const roundsMax = 100

/**
 * Reads what the service has published since a time into `restore_fact`, each message once. Where one was published
 * several times, the first is read, as all consumers have handled that one. The progress is stored with the records,
 * so the next call continues there.
 *
 * @throws SupersededError if another process works on the restore, OtherTopicError if a topic was created again
 */
export async function readOutput(parts: ReadOutputParts, lease: Lease, from: Date): Promise<void> {
  const { database, kafka, restoring, log, signal } = parts
  const decode = createDecode(restoring.codec)
  for (let round = 0; round < roundsMax; round++) {
    const whole = await withAdmin(kafka, (admin) => outputSince(admin, restoring.topics, from))
    const stretches = await database.transaction(async (sql) => {
      await renewLease(sql, lease)
      await extendStretches(sql, lease.restoreId, whole)
      return await readStretches(sql, lease.restoreId)
    })
    const open = stretches.filter(({ from: next, to }) => next < to)
    if (open.length === 0) return
    await readRanges({
      kafka,
      log,
      signal,
      stretches: open,
      onRecords: (at, records, next) =>
        database.transaction((sql) => keepFacts(sql, lease, { ...at, next }, records, { decode, restoring })),
    })
  }
  throw new Error('the service goes on publishing: is it still running on another database?')
}

/** Stores the facts of a batch, in the transaction that moves the position past it. */
async function keepFacts(
  sql: Sql,
  lease: Lease,
  to: PlaceInTopic & { readonly next: bigint },
  records: readonly ConsumedRecord[],
  { decode, restoring }: { readonly decode: Decode; readonly restoring: RestoreHandler },
): Promise<void> {
  await renewLease(sql, lease)
  const moved = await sql.query(moveOn, [
    lease.restoreId,
    to.topic,
    to.partition,
    String(records[0]?.offset ?? to.next),
    String(to.next),
    to.topicId ?? null,
  ])
  if (moved.length === 0) throw new SupersededError(`${to.topic}/${to.partition} was read by another process`)
  const decoded = records.map(decode)
  const read = decoded.flatMap((result) => ('message' in result ? [result] : []))
  const messages = read.map(({ message }) => message)
  const inserted = await sql.query(insertFacts, [
    messages.map(({ id }) => id),
    messages.map((message) => restoring.lineOf(message)),
    messages.map(({ type }) => type),
    messages.map(({ time }) => time.toISOString()),
    read.map(({ record }) => record.value),
    messages.map(({ traceparent }) => traceparent ?? null),
  ])
  await sql.query(count, [lease.restoreId, inserted.length, decoded.length - messages.length])
}

/** Retention may have removed records in between, so the position only must not go back. */
const moveOn = `
  UPDATE restore_partition SET next_offset = $5
  WHERE restore_id = $1 AND topic = $2 AND partition = $3 AND next_offset <= $4
    AND topic_id IS NOT DISTINCT FROM $6::uuid
  RETURNING partition`

const insertFacts = `
  INSERT INTO restore_fact (message_id, line, type, occurred_at, payload, traceparent)
  SELECT message_id, line, type, occurred_at, payload, traceparent
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::timestamptz[], $5::bytea[], $6::text[])
    WITH ORDINALITY AS fact (message_id, line, type, occurred_at, payload, traceparent, nth)
  ORDER BY nth
  ON CONFLICT DO NOTHING
  RETURNING message_id`

const count = `
  UPDATE restore SET facts = facts + $2, records_unreadable = records_unreadable + $3 WHERE restore_id = $1`

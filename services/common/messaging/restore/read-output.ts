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

/** Rounds of reading what was written while the round before was under way: the outbox that came back is being published. */
const roundsMax = 100

/**
 * Reads what the service has published since a time into `restore_fact`, each message once: of one that was published
 * several times, everybody has taken the first. How far it is, is stored with what it read, so that it goes on from there.
 *
 * @throws SupersededError if somebody else works on the restore, OtherTopicError if a topic is another one than before
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

/** Keeps what a batch tells, in the transaction that says it was read. */
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
  if (moved.length === 0) throw new SupersededError(`${to.topic}/${to.partition} was read by somebody else`)
  const decoded = records.map(decode)
  const read = decoded.flatMap((one) => ('message' in one ? [one] : []))
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

/** Retention may have removed records between: the position never goes back, and that is all that is asked of it. */
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

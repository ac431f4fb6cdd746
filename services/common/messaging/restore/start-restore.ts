import { askKafka, type Kafka } from '@boxoffice/kafka'
import { MessagingError } from '../message/messaging-error.ts'
import { requireText, requireTime, requireUuid } from '../message/require-field.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { holdDatabase } from './hold-database.ts'
import { newestBefore } from './known-time.ts'
import { type OutputStretch, outputSince } from './output-since.ts'
import {
  hasRestore,
  insertRestore,
  lockRestores,
  passOverFormerTopics,
  unfinishedRestore,
} from './restore-rows.ts'

export interface StartRestore<Tx extends Sql = Sql> {
  /**
   * A UUID that the caller has drawn. A call with the id of a restore, running or done, returns that restore. Its other
   * fields are not compared.
   */
  readonly restoreId: string
  /** A time before the backup was taken: what the service has published since is read. */
  readonly from: Date
  /** Goes on although records of that time have left retention, or a topic was created again while it was read. */
  readonly acceptGone: boolean
  /** The operator: kept with the restore. */
  readonly subject: string
  /**
   * Looks whether the same call was made before, and remembers it with the id of the restore that it leads to, in the
   * transaction that `tx` is in. Returns the id that an earlier call was remembered with; undefined for a new call.
   * Only a call that is remembered joins the restore of another id: without it, a repeat after the end of that restore
   * would begin a new one.
   */
  remember?(tx: Tx, restoreId: string): Promise<string | undefined>
}

export interface StartRestoreParts<Tx extends Sql> {
  /** The name of the service's consumer. */
  readonly name: string
  readonly kafka: Kafka
  /** The topics that the service publishes to. */
  readonly topics: readonly string[]
  /** Works also while the database is held. */
  readonly database: SqlDatabase<Tx>
}

/**
 * Holds the database from the commit on, in one transaction with the restore that will release it. A call that is
 * remembered joins the restore that is under way from the same time. The caller has called {@link checkRestore}.
 *
 * @returns the id of the restore
 */
export async function startRestore<Tx extends Sql>(
  parts: StartRestoreParts<Tx>,
  request: StartRestore<Tx>,
): Promise<string> {
  const { name, kafka, topics, database } = parts
  const { from, acceptGone } = request
  const readOutput = () => askKafka(kafka, (admin) => outputSince(admin, topics, from))
  const running = await database.transaction((tx) => unfinishedRestore(tx))
  const found =
    running === undefined
      ? {
          output: await readOutput(),
          newest: await database.transaction((tx) => newestBefore(tx, name, from)),
        }
      : undefined
  const restoreId = await database.transaction((tx) => begin(tx, request, found))
  if (running?.phase === 'READING' && acceptGone) {
    const output = await readOutput()
    await database.transaction((tx) => passOverFormerTopics(tx, restoreId, output))
  }
  return restoreId
}

/**
 * Refuses a call for what it asks, before anything is opened.
 *
 * @throws MessagingError FIELD_VIOLATION, RESTORE_FROM_FUTURE
 */
export function checkRestore<Tx extends Sql>({ restoreId, from, subject }: StartRestore<Tx>): void {
  requireUuid('restoreId', restoreId)
  requireTime('from', from)
  requireText('subject', subject)
  if (from.getTime() > Date.now()) throw fromFuture('The time to restore from has not come yet')
}

/** What a new restore would find, as it was before its call was remembered. */
interface Found {
  readonly output: readonly OutputStretch[]
  /** The newest time that the database knows, if that is before the time to restore from. */
  readonly newest: Date | undefined
}

/** Begins a restore, unless the same call has. Where one is under way from the same time, a remembered call joins it. */
async function begin<Tx extends Sql>(
  tx: Tx,
  request: StartRestore<Tx>,
  found: Found | undefined,
): Promise<string> {
  const { from, acceptGone, subject } = request
  await lockRestores(tx)
  const running = await unfinishedRestore(tx)
  const restoreId = running?.restoreId ?? request.restoreId
  const known = await findEarlierCall(tx, request, restoreId)
  if (known !== undefined) return known
  if (running !== undefined) {
    const isJoined = request.remember !== undefined && running.from.getTime() === from.getTime()
    if (isJoined) return restoreId
    throw restoreRunning(running.restoreId, running.from)
  }
  if (found === undefined) throw endedJustNow()
  if (found.newest !== undefined) throw tooLate(from, found.newest)
  if (!acceptGone) refuseGone(found.output, from)
  await insertRestore(tx, { restoreId, from, startedBy: subject })
  await holdDatabase(tx)
  return restoreId
}

/** The id of the restore that the same call has led to. */
async function findEarlierCall<Tx extends Sql>(
  tx: Tx,
  request: StartRestore<Tx>,
  restoreId: string,
): Promise<string | undefined> {
  if (request.remember !== undefined) return await request.remember(tx, restoreId)
  return (await hasRestore(tx, request.restoreId)) ? request.restoreId : undefined
}

/**
 * A backup knows nothing from after it was taken: what was published between its newest time and a later one would be
 * lost.
 */
function tooLate(from: Date, newest: Date): Error {
  const [asked, known] = [from.toISOString(), newest.toISOString()]
  return fromFuture(
    `The newest that the database knows is of ${known}: its backup may be older than ${asked}. Restore from a minute before ${known}`,
  )
}

function refuseGone(output: readonly OutputStretch[], from: Date): void {
  const holes = output.filter(({ gone }) => gone > 0n)
  if (holes.length === 0) return
  const lost = holes.reduce((sum, { gone }) => sum + gone, 0n)
  const named = holes
    .slice(0, namedMax)
    .map(({ topic, partition, gone }) => `${topic}/${partition} (${gone})`)
    .join(', ')
  const more = holes.length > namedMax ? ` and ${holes.length - namedMax} more partitions` : ''
  throw new MessagingError(
    'RECORDS_GONE',
    `Up to ${lost} records that were published since ${from.toISOString()} have left retention: ${named}${more}. What they told stays missing`,
    { details: { lost: String(lost) } },
  )
}

/** Partitions that a refusal names. */
const namedMax = 12

function fromFuture(message: string): Error {
  return new MessagingError('RESTORE_FROM_FUTURE', message)
}

function endedJustNow(): Error {
  return new MessagingError('NOT_READY', 'The restore that was under way has ended just now; try again')
}

function restoreRunning(restoreId: string, from: Date): Error {
  return new MessagingError(
    'RESTORE_RUNNING',
    `Another restore is under way, from ${from.toISOString()}: ${restoreId}`,
    { details: { restore_id: restoreId } },
  )
}

import { keyColumns, type TopicKey, topicKeyName } from '../../dead-letters/parked-keys.ts'
import type { Sql } from '../../sql/sql.ts'
import {
  FencedError,
  fencedOut,
  type MovedRow,
  moveColumns,
  type PositionMove,
  type Replaying,
  replayingOf,
  updatePositions,
} from '../positions/positions.ts'

export interface TakenBatch<Message> {
  /**
   * The messages that are new to this consumer, in order: no repeats within the batch, and none that the inbox has.
   */
  readonly fresh: readonly Message[]
  /** The names of the keys that are parked; they stay parked until the transaction ends. */
  readonly parked: ReadonlySet<string>
  /** The partitions that a replay moved back and that are not at its end yet. */
  readonly replaying: readonly Replaying[]
}

/**
 * Begins the work on a batch, in the transaction that does it, and in one round trip:
 *
 * 1. Moves the positions and locks them, before anything else: a stale member stops here, and a live one cannot be
 *    overtaken.
 * 2. Writes the ids into the inbox, which has those of handled and of put-aside messages alike.
 * 3. Reads which of the keys are parked, and locks those: a redrive that would unpark one waits for this transaction,
 *    and this one waits for a redrive that is under way.
 *
 * @throws FencedError if a position is no longer where this member left it
 */
export async function takeBatch<Message extends { readonly id: string }>(
  sql: Sql,
  consumer: string,
  moves: readonly PositionMove[],
  messages: readonly Message[],
  keys: readonly TopicKey[],
): Promise<TakenBatch<Message>> {
  const firstOf = new Map<string, Message>()
  for (const message of messages) if (!firstOf.has(message.id)) firstOf.set(message.id, message)
  const [row] = await sql.query<TakenRow>(takeAll, [
    consumer,
    ...moveColumns(moves),
    [...firstOf.keys()],
    ...keyColumns(keys),
  ])
  const { moved, claimed, parked } = row ?? { moved: null, claimed: [], parked: null }
  if ((moved?.length ?? 0) < moves.length) throw new FencedError(fencedOut(moves, moved ?? []))
  const isNew = new Set(claimed)
  return {
    fresh: [...firstOf.values()].filter(({ id }) => isNew.has(id)),
    parked: new Set(
      (parked ?? []).map(({ topic, key }) => topicKeyName({ topic, key: Buffer.from(key, 'hex') })),
    ),
    replaying: (moved ?? []).flatMap(replayingOf),
  }
}

interface TakenRow {
  readonly moved: readonly MovedRow[] | null
  readonly claimed: readonly string[]
  /** Keys in hexadecimal. */
  readonly parked: readonly { readonly topic: string; readonly key: string }[] | null
}

/**
 * Ids and keys are locked in sorted order: two transactions that take the same ones wait for each other, without a
 * deadlock. Each part waits for the one before it, and does nothing if that found nothing. Parked keys are found by
 * the primary key first, however many there are, and then compared as pairs.
 *
 * FOR SHARE was rejected: transactions that share a row overtake those that wait for it alone, so that a redrive of a
 * busy key would wait for ever.
 */
const takeAll = `
  WITH moved AS (${updatePositions}
  ), claimed AS (
    INSERT INTO inbox (consumer, message_id)
    SELECT $1, message_id FROM unnest($7::uuid[]) AS received (message_id)
    WHERE (SELECT count(*) FROM moved) = cardinality($2)
    ORDER BY message_id
    ON CONFLICT DO NOTHING
    RETURNING message_id
  ), seen AS MATERIALIZED (
    SELECT topic, sha256(key) AS key_hash FROM unnest($8::text[], $9::bytea[]) AS seen (topic, key)
  ), parked AS (
    SELECT topic, encode(key, 'hex') AS key FROM parked_key
    WHERE EXISTS (SELECT FROM claimed)
      AND consumer = $1
      AND topic = ANY ($8::text[]) AND key_hash = ANY (ARRAY(SELECT key_hash FROM seen))
      AND (topic, key_hash) IN (SELECT topic, key_hash FROM seen)
    ORDER BY topic, key_hash
    FOR UPDATE
  )
  SELECT (SELECT json_agg(moved) FROM moved) AS moved,
         ARRAY(SELECT message_id::text FROM claimed) AS claimed,
         (SELECT json_agg(parked) FROM parked) AS parked`

import { type Read, readFaults } from './snapshot.ts'

/** The messaging tables and slots of one service. */
export interface MessagingBooks {
  /** Messages that are not known to be published. */
  readonly outboxRows: number
  /** The age of the oldest such message; 0 without one. */
  readonly oldestOutboxAgeMs: number
  /** Messages that Kafka refused for good, each in a sentence. */
  readonly parked: readonly string[]
  /** Messages that are put aside and wait to be redriven or discarded, each in a sentence. */
  readonly deadLetters: readonly string[]
  /** Keys with messages that are put aside, each in a sentence. */
  readonly parkedKeys: readonly string[]
  /** Keys that are parked without a dead letter, or that have a dead letter and are not parked. */
  readonly parkedKeyFaults: readonly string[]
  readonly slots: readonly Slot[]
  /** The stored positions, by `topic/partition`. */
  readonly positions: ReadonlyMap<string, StoredPosition>
}

export interface StoredPosition {
  readonly nextOffset: bigint
  /** The id of the topic; undefined if the brokers report none. */
  readonly topicId: string | undefined
}

export interface Slot {
  readonly name: string
  readonly lost: boolean
  /** The WAL that the server retains for the slot. */
  readonly retainedBytes: number
}

/** Reads the messaging tables of a service's database. */
export async function readMessagingBooks(read: Read, consumer: string): Promise<MessagingBooks> {
  const [outbox] = await read<{ rows: number; age_ms: number }>(countOutbox)
  const parked = await read<{ text: string }>(listParked)
  const deadLetters = await read<{ text: string }>(listDeadLetters)
  const parkedKeys = await read<{ text: string }>(listParkedKeys)
  const parkedKeyFaults = await readFaults(read, parkedKeyQueries)
  const slots = await read<{ name: string; lost: boolean; retained_bytes: string }>(listSlots)
  const positions = await read<PositionRow>(listPositions)
  return {
    outboxRows: outbox?.rows ?? 0,
    oldestOutboxAgeMs: outbox?.age_ms ?? 0,
    parked: parked.map((row) => row.text),
    deadLetters: deadLetters.map((row) => row.text),
    parkedKeys: parkedKeys.map((row) => row.text),
    parkedKeyFaults,
    slots: slots.map((row) => ({
      name: row.name,
      lost: row.lost,
      retainedBytes: Number(row.retained_bytes),
    })),
    positions: new Map(
      positions
        .filter((row) => row.consumer === consumer)
        .map((row) => {
          const position = { nextOffset: BigInt(row.next_offset), topicId: row.topic_id ?? undefined }
          return [row.place, position] as const
        }),
    ),
  }
}

interface PositionRow {
  readonly consumer: string
  readonly place: string
  readonly next_offset: string
  readonly topic_id: string | null
}

const countOutbox = `
  SELECT count(*)::int AS rows,
    coalesce(extract(epoch FROM clock_timestamp() - min(created_at)) * 1000, 0)::int AS age_ms
  FROM outbox`

const listParked = `
  SELECT format('%s %s of topic %s is parked since %s: %s', type, message_id, topic,
    to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'), error) AS text
  FROM parked_outbox ORDER BY id`

const listDeadLetters = `
  SELECT format('%s %s of %s/%s at offset %s: %s', coalesce(type, 'a message without a type'), message_id, topic,
    partition, "offset", reason) AS text
  FROM dead_letter WHERE state = 'PUT_ASIDE' ORDER BY position`

/** Bytes that are not text are escaped, as in `\\377`. */
const listParkedKeys = `
  SELECT format('key %s of topic %s is parked since %s: %s put aside', encode(key, 'escape'), topic,
    to_char(parked_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS"Z"'),
    (SELECT count(*) FROM dead_letter AS letter
     WHERE letter.consumer = parked_key.consumer AND letter.topic = parked_key.topic
       AND sha256(letter.key) = key_hash AND parks_key AND state = 'PUT_ASIDE')) AS text
  FROM parked_key ORDER BY parked_at, topic, key_hash`

const parkedKeyQueries = [
  `SELECT format('key %s of topic %s is parked, though nothing of it is put aside', encode(key, 'escape'), topic) AS fault
   FROM parked_key
   WHERE NOT EXISTS (
     SELECT FROM dead_letter AS letter
     WHERE letter.consumer = parked_key.consumer AND letter.topic = parked_key.topic
       AND sha256(letter.key) = key_hash AND parks_key AND state = 'PUT_ASIDE')`,
  `SELECT format('key %s of topic %s is not parked, though %s of it are put aside', encode(key, 'escape'), topic, count(*))
     AS fault
   FROM dead_letter AS letter
   WHERE state = 'PUT_ASIDE' AND key IS NOT NULL AND parks_key AND NOT EXISTS (
     SELECT FROM parked_key
     WHERE parked_key.consumer = letter.consumer AND parked_key.topic = letter.topic
       AND key_hash = sha256(letter.key))
   GROUP BY consumer, topic, key`,
]

const listSlots = `
  SELECT slot_name AS name, coalesce(wal_status = 'lost', false) AS lost,
    coalesce(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn), 0)::text AS retained_bytes
  FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE 'outbox\\_%'`

const listPositions = `
  SELECT consumer, format('%s/%s', topic, partition) AS place, next_offset::text, topic_id FROM consumer_position`

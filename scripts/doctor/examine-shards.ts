import { type Finding, fine, problem } from '@boxoffice/common/doctor/finding.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'

/** A replication slot, as the server lists it. */
export interface ListedSlot {
  readonly name: string
  readonly active: boolean
}

/** Examines whether each shard has a relay. No finding if the server does not answer. */
export async function examineShards(databaseUrl: string): Promise<Finding[]> {
  const client = new (clientOf({ url: databaseUrl }, pg.Client))({ connectionTimeoutMillis: 5_000 })
  // Without a listener, a connection that breaks between two statements would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    const { rows } = await client.query<ListedSlot>(
      'SELECT slot_name::text AS name, active FROM pg_replication_slots',
    )
    return judgeShards(rows)
  } catch {
    // The findings about PostgreSQL report why it does not answer.
    return []
  } finally {
    await client.end().catch(() => {
      // It was never connected.
    })
  }
}

/**
 * Judges whether each shard of each outbox with shards has a relay. The slot of a shard is named
 * `outbox_<name>_<oid>_<schema>_1of2`, or without the six digits of the schema.
 */
export function judgeShards(slots: readonly ListedSlot[]): Finding[] {
  const outboxes = new Map<string, { name: string; count: number; active: Set<number> }>()
  for (const slot of slots) {
    const [, layout = '', name = '', number, count] =
      /^(outbox_(.+?)_\d+(?:_[0-9a-f]{6})?)_(\d+)of(\d+)$/.exec(slot.name) ?? []
    if (layout === '') continue
    const key = `${layout} of ${count}`
    const outbox = outboxes.get(key) ?? { name, count: Number(count), active: new Set() }
    outboxes.set(key, outbox)
    if (slot.active) outbox.active.add(Number(number))
  }
  return [...outboxes.values()].map(({ name, count, active }) => {
    const free = Array.from({ length: count }, (_, index) => index + 1).filter(
      (number) => !active.has(number),
    )
    if (free.length === 0) return fine(`Each of the ${count} shards of ${name}'s outbox has a relay.`)
    return problem(
      `The outbox of ${name} has ${count} shards, and no relay has shard ${free.join(' or ')}.`,
      'The messages of this shard wait in the table.',
      'Run as many relays as there are shards, or start them with another RELAY_SHARDS.',
    )
  })
}

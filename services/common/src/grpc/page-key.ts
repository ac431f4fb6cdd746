import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'

/** A database that was restored may have brought another key along: it is read again after this long. */
const keptMsMax = 60_000

interface KeptKey {
  readonly key: Promise<Uint8Array>
  readonly untilMs: number
}

const kept = new WeakMap<Pick<Database, 'em'>, KeptKey>()

/**
 * The key that authenticates page tokens. Its service's database drew it when it was made (messaging-tables.ts), so that all
 * replicas share it and nothing has to be configured.
 */
export function pageKeyOf(database: Pick<Database, 'em'>, now = performance.now()): Promise<Uint8Array> {
  const known = kept.get(database)
  if (known !== undefined && known.untilMs > now) return known.key
  const key = readKey(database)
  kept.set(database, { key, untilMs: now + keptMsMax })
  // One that could not be read is asked for again by the next call.
  key.catch(() => kept.delete(database))
  return key
}

async function readKey(database: Pick<Database, 'em'>): Promise<Uint8Array> {
  const [row] = await query<{ key: Uint8Array }>(database.em(), 'SELECT key FROM page_token_key')
  if (row === undefined) throw new Error('page_token_key is empty: a migration fills it')
  return row.key
}

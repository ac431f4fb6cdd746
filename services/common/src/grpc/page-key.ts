import type { Database } from '../postgres/database.ts'
import { query } from '../postgres/query.ts'

/** The key is read again after this time, because a restored database may have another one. */
const keptMsMax = 60_000

interface KeptKey {
  readonly key: Promise<Uint8Array>
  readonly untilMs: number
}

const kept = new WeakMap<Pick<Database, 'em'>, KeptKey>()

/**
 * The key that authenticates page tokens. A migration of the service's database drew it (messaging-tables.ts), so all
 * replicas share it and nothing has to be configured.
 */
export function pageKeyOf(database: Pick<Database, 'em'>, now = performance.now()): Promise<Uint8Array> {
  const known = kept.get(database)
  if (known !== undefined && known.untilMs > now) return known.key
  const key = readKey(database)
  kept.set(database, { key, untilMs: now + keptMsMax })
  // After a failed read the next call reads again.
  key.catch(() => kept.delete(database))
  return key
}

async function readKey(database: Pick<Database, 'em'>): Promise<Uint8Array> {
  const [row] = await query<{ key: Uint8Array }>(database.em(), 'SELECT key FROM page_token_key')
  if (row === undefined) throw new Error('page_token_key is empty: a migration fills it')
  return row.key
}

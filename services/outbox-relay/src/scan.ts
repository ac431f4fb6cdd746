import type { Database } from './database.ts'
import { type OutboxColumns, type OutboxRow, toOutboxRow } from './outbox-row.ts'
import type { BatchLimits } from './row-queue.ts'

/**
 * Reads the rows of a shard that the table has at the start, in id order, in batches, one of which is in memory at a
 * time.
 *
 * @param filter - SQL that is true for its rows
 * @param onRowWithoutId - called if the table has rows without an id, which are not published because none could be
 *   deleted
 */
export async function* scanTable(
  database: Database,
  filter: string | undefined,
  limits: BatchLimits,
  onRowWithoutId: () => void,
): AsyncGenerator<OutboxRow[]> {
  const { outbox } = database.tables
  const newest = await database.query<{ id: string | null; hasNull: boolean }>(
    `SELECT max(id) AS id, EXISTS (SELECT FROM ${outbox} WHERE id IS NULL) AS "hasNull" FROM ${outbox}`,
  )
  const upTo = newest.rows[0]?.id ?? '0'
  if (newest.rows[0]?.hasNull) onRowWithoutId()
  for (let after = '0'; ; ) {
    const { rows } = await database.query<{ id: string; bytes: string }>(
      `SELECT id, 128 + coalesce(octet_length(key), 0) + coalesce(octet_length(payload), 0)
                      + coalesce(octet_length(headers::text), 0) AS bytes
       FROM ${outbox} WHERE id > $1 AND id <= $2 AND ${filter ?? true} ORDER BY id LIMIT $3`,
      [after, upTo, limits.rowsMax],
    )
    const ids = fitting(rows, limits.bytesMax)
    const last = ids.at(-1)
    if (last === undefined) return
    yield await readRows(database, ids)
    after = last
  }
}

/** The rows with these ids that are still there, in id order. */
export async function readRows(database: Database, ids: readonly string[]): Promise<OutboxRow[]> {
  const { rows } = await database.query<OutboxColumns>(
    `SELECT id, topic, key, payload, headers FROM ${database.tables.outbox}
     WHERE id = ANY ($1::bigint[]) ORDER BY id`,
    [ids],
  )
  return rows.map(toOutboxRow)
}

/** The first ids, as many as the bytes allow, but at least one. */
function fitting(rows: readonly { id: string; bytes: string }[], bytesMax: number): string[] {
  const ids: string[] = []
  let bytes = 0
  for (const row of rows) {
    bytes += Number(row.bytes)
    if (ids.length > 0 && bytes > bytesMax) break
    ids.push(row.id)
  }
  return ids
}

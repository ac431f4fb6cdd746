import pg from 'pg'

/** One of the equal shares of an outbox' keys. Each key is in one shard, so its order is kept. */
export interface Shard {
  /** From 1 to {@link count}. */
  readonly number: number
  readonly count: number
}

export function allShards(count: number): readonly Shard[] {
  return Array.from({ length: count }, (_, index) => ({ number: index + 1, count }))
}

/** The name of a shard's part, by the name of the whole outbox' part: `outbox`, or `outbox_1of2`. */
export function shardName(name: string, { number, count }: Shard): string {
  return count === 1 ? name : `${name}_${number}of${count}`
}

/**
 * SQL that is true for the rows of a shard; undefined if the shard has all rows. A publication's row filter accepts
 * only built-in, immutable functions, and SHA-256 is the same in each version of PostgreSQL. A row without a key has
 * no order, and is assigned by its id.
 */
export function shardFilter({ number, count }: Shard): string | undefined {
  if (count === 1) return undefined
  return `(get_byte(sha256(COALESCE(key, int8send(id))), 0) % ${count}) = ${number - 1}`
}

/**
 * SQL that creates the publication of each shard, by its name. A single shard uses the outbox' own publication.
 *
 * @param outbox - the table's name in SQL
 * @param publication - the name of the outbox' own publication
 */
export function createShardPublications(
  { outbox, publication }: { readonly outbox: string; readonly publication: string },
  count: number,
): Map<string, string> {
  if (count === 1) return new Map()
  return new Map(
    allShards(count).map((shard) => {
      const name = shardName(publication, shard)
      const filter = shardFilter(shard)
      const sql = `CREATE PUBLICATION ${pg.escapeIdentifier(name)} FOR TABLE ${outbox} WHERE (${filter}) WITH (publish = 'insert')`
      return [name, sql]
    }),
  )
}

import { allShards, type Shard, shardFilter, shardName } from '@boxoffice/common/postgres/outbox-shards.ts'
import pg from 'pg'
import type { Database } from './database.ts'
import { placePart } from './place-part.ts'
import { dropSlot } from './slot.ts'

/** A shard with its names in a database. */
export interface OutboxShard extends Shard {
  readonly slotName: string
  readonly publication: string
  /** SQL that is true for its rows; undefined if it has all of them. */
  readonly filter: string | undefined
}

/**
 * The way in which an outbox is divided among its relays. All relays that publish at the same time have the same
 * layout.
 */
export interface Layout {
  /** The name of the slot if there is one shard, or the beginning of the slots' names if there are more. */
  readonly baseName: string
  readonly shards: readonly OutboxShard[]
}

/** Relays with another layout are still running. */
export class OtherLayoutError extends Error {
  override readonly name = 'OtherLayoutError'

  constructor() {
    super('relays with another number of shards publish this outbox')
  }
}

/**
 * The layout of an outbox. Its slots are named by the service and the database: slots belong to the server, and two
 * installations on one server have databases with different oids. The oid outlives a rename, a failover and a restart
 * of the server. A database that is restored as another one gets other slots, which begin with what its table holds.
 * An outbox that moves to another schema, or whose publication is renamed, gets other slots too: the older log is
 * under the old names, by which it is read.
 */
export async function layoutOf(database: Database, relayName: string, shards: number): Promise<Layout> {
  const { rows } = await database.query<{ oid: string }>(
    'SELECT oid::text FROM pg_database WHERE datname = current_database()',
  )
  const place = placePart(database.names)
  const baseName = `outbox_${relayName}_${rows[0]?.oid}${place === '' ? '' : `_${place}`}`
  return {
    baseName,
    shards: allShards(shards).map((shard) => ({
      ...shard,
      slotName: shardName(baseName, shard),
      publication: shardName(database.names.publication, shard),
      filter: shardFilter(shard),
    })),
  }
}

export function slotNamesOf({ shards }: Layout): string[] {
  return shards.map(({ slotName }) => slotName)
}

/**
 * Whether relays of another layout publish. They hold the lock of {@link enterLayout}, or read a slot if they are too
 * old for that. A relay that reads the table frees its lock after each round, and is not seen until the next one.
 */
export async function isOtherLayoutActive(database: Database, layout: Layout): Promise<boolean> {
  const { rows } = await database.query<{ other: boolean }>(
    `SELECT ${otherLocks(database, layout)} OR EXISTS (${otherSlots} AND active) AS other`,
    [ofAnyLayout(layout), slotNamesOf(layout)],
  )
  return rows[0]?.other ?? false
}

/**
 * Enters the layout for as long as the session of `client` lives: relays of the same layout may publish beside it,
 * those of another may not. Each relay first takes its lock and then looks for others, so that of two that come at
 * once, at least one leaves.
 *
 * @throws OtherLayoutError when a relay of another layout is in
 */
export async function enterLayout(
  client: Pick<pg.ClientBase, 'query'>,
  database: Database,
  layout: Layout,
): Promise<void> {
  await client.query(`SELECT pg_advisory_lock_shared(${lockClass(database)}, ${layout.shards.length})`)
  const { rows } = await client.query<{ other: boolean }>(`SELECT ${otherLocks(database, layout)} AS other`)
  if (rows[0]?.other) throw new OtherLayoutError()
}

/**
 * Drops the slots of other layouts. A relay that took such a slot up later would get everything that has been
 * published since again, after newer rows.
 *
 * @throws OtherLayoutError when one of them is being read
 */
export async function dropOtherLayouts(database: Database, layout: Layout): Promise<void> {
  const list = async (): Promise<string[]> => {
    const { rows } = await database.query<{ name: string }>(otherSlots, [
      ofAnyLayout(layout),
      slotNamesOf(layout),
    ])
    return rows.map(({ name }) => name)
  }
  for (const name of await list()) await dropSlot(database, name)
  if ((await list()).length > 0) throw new OtherLayoutError()
}

/** A regular expression; the base name has only small letters, digits and underscores. */
const ofAnyLayout = ({ baseName }: Layout): string => `^${baseName}(_[0-9]+of[0-9]+)?$`

const otherSlots = `
  SELECT slot_name::text AS name FROM pg_replication_slots
  WHERE database = current_database() AND slot_name ~ $1 AND slot_name <> ALL ($2)`

const lockClass = (database: Database): string =>
  `hashtext(${pg.escapeLiteral(`outbox relay shards of ${database.tables.outbox}`)})`

/** SQL that is true if another count of shards has its shared lock. */
const otherLocks = (database: Database, { shards }: Layout): string => `
  EXISTS (SELECT FROM pg_locks
    WHERE locktype = 'advisory' AND objsubid = 2 AND classid = ${lockClass(database)}::oid AND objid <> ${shards.length}
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

import type { Logger } from '@boxoffice/common/telemetry/log.ts'
import type { Database } from './database.ts'
import { sqlStateOf } from './database.ts'

/**
 * Creates the slot and records that the rows from before it must still be published. The record is written first, so
 * that a relay that dies in between causes a needless scan and not a missing one.
 *
 * It returns if another relay was quicker. It waits, for a few seconds at most, for transactions that are in progress.
 */
export async function createSlot(database: Database, slotName: string): Promise<void> {
  await noteScanned(database, slotName, false)
  const failover = (await serverVersion(database)) >= 170_000 ? ', failover => true' : ''
  const client = await database.connect()
  try {
    await client.query(`SET statement_timeout = ${createTimeoutMs}`)
    await client.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput'${failover})`, [slotName])
  } catch (error) {
    if (sqlStateOf(error) !== duplicateObject) throw error
  } finally {
    // Its settings are no longer those of the pool.
    client.release(true)
  }
}

/** Drops a slot that no session reads, if it still exists. The table holds the rows that it did not bring. */
export async function dropSlot(database: Database, slotName: string): Promise<void> {
  try {
    await database.query('SELECT pg_drop_replication_slot($1)', [slotName])
  } catch (error) {
    const state = sqlStateOf(error)
    if (state !== undefinedObject && state !== objectInUse) throw error
  }
}

/** Waits for slots to be dropped. A role that may not replicate may not drop them either: then they stay. */
export async function unlessForbidden(dropping: Promise<void>): Promise<void> {
  await dropping.catch((error: unknown) => {
    if (sqlStateOf(error) !== insufficientPrivilege) throw error
  })
}

/**
 * Drops the slots that relays of this outbox had under former names, so that none keeps log for ever. They are ours if
 * their names are in this database's table, and no relay needs them while no session reads them.
 */
export async function dropFormerSlots(
  database: Database,
  slotNames: readonly string[],
  log: Logger,
): Promise<void> {
  const { rows } = await database.query<{ name: string }>(
    `SELECT slot.slot_name::text AS name
     FROM pg_replication_slots AS slot JOIN ${database.tables.outboxSlot} AS known ON known.slot_name = slot.slot_name
     WHERE slot.slot_name <> ALL ($1) AND database = current_database() AND plugin = 'pgoutput'
       AND NOT active AND NOT temporary
     ORDER BY 1 LIMIT 10`,
    [slotNames],
  )
  for (const { name } of rows) {
    await dropSlot(database, name)
    log.info({ slotName: name, now: slotNames }, 'dropped a slot of a former name')
  }
}

/** Whether the rows from before the slot have been published. */
export async function isScanned(database: Database, slotName: string): Promise<boolean> {
  const { rows } = await database.query<{ scanned: boolean }>(
    `SELECT scanned FROM ${database.tables.outboxSlot} WHERE slot_name = $1`,
    [slotName],
  )
  return rows[0]?.scanned ?? false
}

export async function noteScanned(database: Database, slotName: string, scanned: boolean): Promise<void> {
  await database.query(
    `INSERT INTO ${database.tables.outboxSlot} (slot_name, scanned) VALUES ($1, $2)
     ON CONFLICT (slot_name) DO UPDATE SET scanned = EXCLUDED.scanned`,
    [slotName, scanned],
  )
}

/** 55006: another session reads from the slot. */
export const objectInUse = '55006'
/** 55000: the slot has lost its log, among others. */
export const notInPrerequisiteState = '55000'
/** 42704: there is no such slot. */
export const undefinedObject = '42704'
/** 42501: the role may not do that. */
const insufficientPrivilege = '42501'
const duplicateObject = '42710'
const createTimeoutMs = 5_000

async function serverVersion(database: Database): Promise<number> {
  const { rows } = await database.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  )
  return rows[0]?.version ?? 0
}

import type { Database } from './database.ts'
import { sqlStateOf } from './database.ts'

/** What a relay finds where its slot should be. */
export type SlotState = 'absent' | 'lost' | 'taken' | 'free'

export async function readSlotState(database: Database, slotName: string): Promise<SlotState> {
  const { rows } = await database.query<{ active: boolean; lost: boolean }>(
    `SELECT active, wal_status IS NOT DISTINCT FROM 'lost' AS lost
     FROM pg_replication_slots WHERE slot_name = $1`,
    [slotName],
  )
  const [slot] = rows
  if (slot === undefined) return 'absent'
  if (slot.lost) return 'lost'
  return slot.active ? 'taken' : 'free'
}

/**
 * Creates the slot and notes that the rows from before it are still to be published: first the note, so that a relay
 * that dies between the two leaves a needless scan and not a missing one.
 *
 * Returns when another relay was quicker. Waits, for a few seconds at most, for transactions that are in progress.
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
    // Its settings are not those of the pool any more.
    client.release(true)
  }
}

/** Drops a slot that has lost its log. The table holds what it did not bring. */
export async function dropSlot(database: Database, slotName: string): Promise<void> {
  try {
    await database.query('SELECT pg_drop_replication_slot($1)', [slotName])
  } catch (error) {
    if (sqlStateOf(error) !== undefinedObject) throw error
  }
}

/** True when the rows from before the slot have been published. */
export async function isScanned(database: Database, slotName: string): Promise<boolean> {
  const { rows } = await database.query<{ scanned: boolean }>(
    'SELECT scanned FROM outbox_slot WHERE slot_name = $1',
    [slotName],
  )
  return rows[0]?.scanned ?? false
}

export async function noteScanned(database: Database, slotName: string, scanned: boolean): Promise<void> {
  await database.query(
    `INSERT INTO outbox_slot (slot_name, scanned) VALUES ($1, $2)
     ON CONFLICT (slot_name) DO UPDATE SET scanned = EXCLUDED.scanned`,
    [slotName, scanned],
  )
}

/** A slot that is older than its publication shows no rows: it fails on each read, or hides what came between. */
export async function publicationExists(database: Database, publication: string): Promise<boolean> {
  const { rowCount } = await database.query('SELECT 1 FROM pg_publication WHERE pubname = $1', [publication])
  return rowCount === 1
}

/** 55006: somebody else reads from the slot. */
export const objectInUse = '55006'
/** 55000: the slot has lost its log, among others. */
export const notInPrerequisiteState = '55000'
/** 42704: there is no such slot. */
export const undefinedObject = '42704'
const duplicateObject = '42710'
const createTimeoutMs = 5_000

async function serverVersion(database: Database): Promise<number> {
  const { rows } = await database.query<{ version: number }>(
    `SELECT current_setting('server_version_num')::int AS version`,
  )
  return rows[0]?.version ?? 0
}

import type { OutboxTable, ReplicationSlot, Surroundings } from './look-around.ts'
import type { Blocker, ScanReason } from './obstacles.ts'

/** The way in which a relay reads its rows. */
export type Access =
  /** Nothing can be published until an operator has done something. */
  | { readonly kind: 'blocked'; readonly obstacle: Blocker; readonly detail?: string }
  /** The table is read instead of the log. `dropSlot`: our slot would keep log that no relay reads. */
  | { readonly kind: 'scan'; readonly obstacle: ScanReason; readonly dropSlot: boolean }
  /** There is no slot yet. */
  | { readonly kind: 'create' }
  /** The slot has lost its log. */
  | { readonly kind: 'replace' }
  /** The slot is free: read from it. */
  | { readonly kind: 'stream' }
  /** Another relay reads from the slot. */
  | { readonly kind: 'standby' }

/**
 * Decides how a relay reads its rows; the first obstacle that is found counts.
 *
 * @param filter - the row filter that the publication should have
 */
export function decideAccess(found: Surroundings, filter: string | undefined): Access {
  const blocked = blockerOf(found)
  if (blocked !== undefined) return blocked
  const { slot } = found
  const dropSlot = slot !== null && slot.reader === 'nobody' && slotReason(slot) === undefined
  const reason = logReason(found, filter)
  if (reason !== undefined) return { kind: 'scan', obstacle: reason, dropSlot }
  if (slot === null) return { kind: 'create' }
  const foreign = slotReason(slot)
  if (foreign !== undefined) return { kind: 'scan', obstacle: foreign, dropSlot: false }
  if (slot.lost) return { kind: 'replace' }
  if (slot.reader === 'nobody') return { kind: 'stream' }
  if (slot.reader === 'stranger') return { kind: 'scan', obstacle: 'slot-reader', dropSlot: false }
  return { kind: 'standby' }
}

function blockerOf({ inRecovery, table, otherSchemas, lackingRights }: Surroundings): Access | undefined {
  const blocked = (obstacle: Blocker, detail?: string): Access => ({
    kind: 'blocked',
    obstacle,
    ...(detail === undefined ? {} : { detail }),
  })
  if (inRecovery) return blocked('server-standby')
  if (table === null)
    return blocked(
      'table-missing',
      otherSchemas.length === 0 ? undefined : `there is one in ${otherSchemas.join(', ')}`,
    )
  const wrong = wrongColumns(table)
  if (wrong.length > 0) return blocked('table-columns', wrong.join(', '))
  if (lackingRights.length > 0) return blocked('table-rights', lackingRights.join(', '))
  if (table.hidesRows) return blocked('table-row-security')
  if (table.refusesDeletions) return blocked('table-undeletable')
  return undefined
}

/** Returns why the log does not bring the rows, whatever the slot is. */
function logReason(
  { table, walLevel, mayReplicate, publication }: Surroundings,
  filter: string | undefined,
): ScanReason | undefined {
  if (table?.kind !== 'r') return 'table-kind'
  if (table.persistence !== 'p') return 'table-unlogged'
  if (walLevel !== 'logical') return 'wal-level'
  if (!mayReplicate) return 'role-replication'
  if (publication === null) return 'publication-missing'
  if (!publication.inserts) return 'publication-inserts'
  if (!publication.hasTable) return 'publication-table'
  if (plain(publication.rowFilter) !== plain(filter)) return 'publication-rows'
  const { columns } = publication
  if (columns !== null && streamedColumns.some((column) => !columns.includes(column)))
    return 'publication-columns'
  return undefined
}

/** Returns why a slot that has our name is not ours; undefined if a relay of this database made it. */
function slotReason(slot: ReplicationSlot): ScanReason | undefined {
  if (slot.type !== 'logical') return 'slot-physical'
  if (!slot.isOfThisDatabase) return 'slot-database'
  if (slot.plugin !== 'pgoutput') return 'slot-plugin'
  if (slot.temporary) return 'slot-temporary'
  if (slot.twoPhase) return 'slot-two-phase'
  return undefined
}

function wrongColumns({ columns }: OutboxTable): string[] {
  return Object.entries(neededColumns)
    .filter(([name, type]) => columns[name] !== type)
    .map(([name, type]) => `${name} ${type}`)
}

const neededColumns: Readonly<Record<string, string>> = {
  id: 'bigint',
  message_id: 'uuid',
  topic: 'text',
  key: 'bytea',
  type: 'text',
  payload: 'bytea',
  headers: 'jsonb',
  created_at: 'timestamp with time zone',
}

/** The filter without parentheses and spaces, which PostgreSQL sets in its own way. */
function plain(filter: string | null | undefined): string {
  return filter?.replaceAll(/[()\s]/g, '') ?? ''
}

/** The columns that a record is made of. */
const streamedColumns = ['id', 'topic', 'key', 'payload', 'headers']

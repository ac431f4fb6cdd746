/** The reasons for which a relay cannot publish at all. It checks each second, and goes on once the reason is gone. */
export const blockers = {
  'server-standby': 'the server is a standby, on which no row can be deleted',
  'table-missing':
    'there is no table for the outbox: the service has not migrated this database, or OUTBOX_SCHEMA or OUTBOX_TABLE is another one',
  'table-columns': 'the outbox lacks columns, or they are of other types',
  'table-rights': 'the role lacks rights on the tables of the outbox',
  'table-row-security': 'row level security hides rows of the outbox from the role',
  'table-undeletable':
    'a publication publishes deletions from the outbox, which has no replica identity, so that PostgreSQL refuses them',
} as const

/**
 * The reasons for which a relay cannot read the log. It publishes by reading the table instead, which takes longer.
 */
export const scanReasons = {
  'table-unlogged':
    'the outbox is unlogged: its rows are not in the log, and a crash of PostgreSQL loses them',
  'table-kind': 'the outbox is no ordinary table',
  'wal-level': 'wal_level is not logical: ALTER SYSTEM SET wal_level = logical, and restart PostgreSQL',
  'role-replication': 'the role may not replicate: ALTER ROLE … REPLICATION',
  'publication-missing': 'the publication is missing',
  'publication-table': 'the publication does not have the table of the outbox',
  'publication-inserts': 'the publication does not publish inserts',
  'publication-rows':
    'the publication has another row filter than that of the shard (none, where there is one), which hides rows',
  'publication-columns': 'the publication has a column list, which hides columns',
  'slot-physical': 'a physical slot has the name of ours',
  'slot-plugin': 'a slot of another plugin has the name of ours',
  'slot-database': 'a slot of another database has the name of ours',
  'slot-temporary': 'a temporary slot of another session has the name of ours',
  'slot-two-phase': 'the slot decodes prepared transactions, which may still be rolled back',
  'slot-reader': 'our slot is read by a session that is no relay',
  'slot-refused': 'the server grants no slot, or no connection to read it',
} as const

export type Blocker = keyof typeof blockers
export type ScanReason = keyof typeof scanReasons
export type Obstacle = Blocker | ScanReason

/** The obstacle in a sentence, with what an operator can do. */
export function sentenceOf(obstacle: Obstacle): string {
  return { ...blockers, ...scanReasons }[obstacle]
}

import type { Obstacle } from '../obstacles.ts'

interface Case {
  readonly obstacle: Obstacle
  /** What the database's owner, or an administrator there, has done. */
  readonly impose: string
  /** What an operator does about it. */
  readonly mend: string
  /** Whether `impose` runs in another database, which then has the slot. */
  readonly elsewhere?: boolean
}

/** `$slot` is the name of the relay's slot, `$role` its role. */
export const cases: readonly Case[] = [
  {
    obstacle: 'publication-missing',
    impose: 'DROP PUBLICATION outbox',
    mend: `CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`,
  },
  {
    obstacle: 'publication-table',
    impose: 'ALTER PUBLICATION outbox DROP TABLE outbox',
    mend: 'ALTER PUBLICATION outbox ADD TABLE outbox',
  },
  {
    obstacle: 'publication-inserts',
    impose: `ALTER PUBLICATION outbox SET (publish = 'truncate')`,
    mend: `ALTER PUBLICATION outbox SET (publish = 'insert')`,
  },
  {
    obstacle: 'publication-rows',
    impose: `ALTER PUBLICATION outbox SET TABLE outbox WHERE (topic = 'none')`,
    mend: 'ALTER PUBLICATION outbox SET TABLE outbox',
  },
  {
    obstacle: 'publication-columns',
    impose: 'ALTER PUBLICATION outbox SET TABLE outbox (id, topic)',
    mend: 'ALTER PUBLICATION outbox SET TABLE outbox',
  },
  {
    obstacle: 'role-replication',
    impose: 'ALTER ROLE $role NOREPLICATION',
    mend: 'ALTER ROLE $role REPLICATION',
  },
  {
    obstacle: 'slot-plugin',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'test_decoding')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-physical',
    impose: `SELECT pg_create_physical_replication_slot('$slot')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-two-phase',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput', false, true)`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-temporary',
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput', true)`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'slot-database',
    elsewhere: true,
    impose: `SELECT pg_create_logical_replication_slot('$slot', 'pgoutput')`,
    mend: `SELECT pg_drop_replication_slot('$slot')`,
  },
  {
    obstacle: 'table-missing',
    impose: 'ALTER TABLE outbox RENAME TO outbox_away',
    mend: 'ALTER TABLE outbox_away RENAME TO outbox',
  },
  {
    obstacle: 'table-columns',
    impose: 'ALTER TABLE outbox RENAME COLUMN headers TO head',
    mend: 'ALTER TABLE outbox RENAME COLUMN head TO headers',
  },
  {
    obstacle: 'table-rights',
    impose: 'ALTER TABLE outbox OWNER TO postgres; REVOKE ALL ON outbox FROM $role',
    mend: 'ALTER TABLE outbox OWNER TO $role; GRANT ALL ON outbox TO $role',
  },
  {
    obstacle: 'table-row-security',
    impose: 'ALTER TABLE outbox ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY',
    mend: 'ALTER TABLE outbox DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY',
  },
  {
    obstacle: 'table-undeletable',
    impose: 'ALTER TABLE outbox REPLICA IDENTITY NOTHING; CREATE PUBLICATION everything FOR TABLE outbox',
    mend: 'DROP PUBLICATION everything',
  },
  {
    obstacle: 'table-unlogged',
    impose: 'DROP PUBLICATION outbox; ALTER TABLE outbox SET UNLOGGED',
    mend: `ALTER TABLE outbox SET LOGGED; CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`,
  },
]

/** Those that need a server, a session or a table of their own: each has a test of its own. */
export const apart: readonly Obstacle[] = [
  'server-standby',
  'wal-level',
  'slot-reader',
  'slot-refused',
  'table-kind',
]

import type { EntityManager } from '@mikro-orm/postgresql'
import pg from 'pg'
import { migrationsTable } from './migrations-table.ts'
import { query } from './query.ts'

/** Who works with a database that somebody else owns. Each is left out where the owner does its work. */
export interface LesserRoles {
  /** The service: rows of its tables, and nothing that is the relay's. */
  readonly serviceRole?: string | undefined
  /** The relay: the outbox, and what it writes down for itself. */
  readonly relayRole?: string | undefined
}

/** What a relay does. It reads the log by replication, which is an attribute of its role and not a grant. */
const relayGrants: readonly (readonly [table: string, privileges: string])[] = [
  ['outbox', 'SELECT, DELETE'],
  ['parked_outbox', 'SELECT, INSERT'],
  ['outbox_slot', 'SELECT, INSERT, UPDATE'],
]
/** It appends, and never looks back. */
const serviceOutbox = 'INSERT'

/**
 * Gives the lesser roles what each needs and takes away everything else that they had on tables: after each migration, in its
 * transaction, so that a new table comes with its rights.
 *
 * @throws pg.DatabaseError 42704 if there is no such role
 */
export async function grantRoles(em: EntityManager, { serviceRole, relayRole }: LesserRoles): Promise<void> {
  for (const role of [serviceRole, relayRole]) {
    if (role !== undefined)
      await query(em, `REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${pg.escapeIdentifier(role)}`)
  }
  if (relayRole !== undefined)
    for (const [table, privileges] of relayGrants) await grant(em, privileges, table, relayRole)
  if (serviceRole === undefined) return
  for (const table of await ownTables(em))
    await grant(em, 'SELECT, INSERT, UPDATE, DELETE', table, serviceRole)
  await grant(em, serviceOutbox, 'outbox', serviceRole)
  // Tells a service whether its schema is there.
  await grant(em, 'SELECT', migrationsTable, serviceRole)
}

/** The service's own: all but the relay's and the migrations'. */
async function ownTables(em: EntityManager): Promise<string[]> {
  const others = [...relayGrants.map(([table]) => table), migrationsTable]
  const rows = await query<{ name: string }>(
    em,
    `SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' AND tablename <> ALL ($1::text[]) ORDER BY 1`,
    [others],
  )
  return rows.map((row) => row.name)
}

async function grant(em: EntityManager, privileges: string, table: string, role: string): Promise<void> {
  await query(
    em,
    `GRANT ${privileges} ON TABLE ${pg.escapeIdentifier(table)} TO ${pg.escapeIdentifier(role)}`,
  )
}

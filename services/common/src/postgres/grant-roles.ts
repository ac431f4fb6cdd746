import { defaultOutboxTables, defaultSchema, relayRights } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'
import pg from 'pg'
import { migrationsTable } from './migrations-table.ts'
import { query } from './query.ts'
import type { Rights } from './rights.ts'

/** Who works with a database that somebody else owns. Each is left out where the owner does its work. */
export interface LesserRoles {
  /** The service: what {@link rights} names, and nothing that is the relay's. */
  readonly serviceRole?: string | undefined
  /** What the service may do. */
  readonly rights?: Rights
  /** The relay: the outbox, and what it writes down for itself. */
  readonly relayRole?: string | undefined
  /** Into how many shards the relays share the outbox out; 1 when left out. */
  readonly relayShards?: number
}

/**
 * Gives the lesser roles what each needs and takes away everything else that they, or everybody, had on tables and functions: after
 * each migration, in its transaction, so that a new table comes with its rights, and what was given by hand is gone.
 *
 * @throws pg.DatabaseError 42704 if there is no such role; 42P01 or 42883 if there is no such table or function
 */
export async function grantRoles(
  em: EntityManager,
  { serviceRole, rights, relayRole }: LesserRoles,
): Promise<void> {
  const roles = [serviceRole, relayRole].filter((role) => role !== undefined)
  if (roles.length === 0) return
  for (const grantee of ['PUBLIC', ...roles.map((role) => pg.escapeIdentifier(role))]) {
    await query(em, `REVOKE ALL ON ALL TABLES IN SCHEMA ${schemas} FROM ${grantee}`)
    await query(em, `REVOKE ALL ON ALL ROUTINES IN SCHEMA ${schemas} FROM ${grantee}`)
    // What is made in the first schema of the search path would be found before the tables of messaging.
    await query(em, `REVOKE CREATE ON SCHEMA ${schemas} FROM ${grantee}`)
  }
  for (const role of roles)
    await query(em, `GRANT USAGE ON SCHEMA ${defaultSchema} TO ${pg.escapeIdentifier(role)}`)
  if (relayRole !== undefined) await grantTables(em, relayRights(defaultOutboxTables), relayRole)
  if (serviceRole === undefined) return
  // By these a service knows whether its tables are there.
  const read = { [migrationsTable]: 'SELECT', messaging_migration: 'SELECT' }
  await grantTables(em, { ...rights?.tables, ...read }, serviceRole)
  for (const signature of rights?.functions ?? [])
    await query(em, `GRANT EXECUTE ON FUNCTION ${signature} TO ${pg.escapeIdentifier(serviceRole)}`)
}

const schemas = `public, ${defaultSchema}`

async function grantTables(
  em: EntityManager,
  tables: Readonly<Record<string, string>>,
  role: string,
): Promise<void> {
  for (const [table, privileges] of Object.entries(tables)) {
    await query(
      em,
      `GRANT ${privileges} ON TABLE ${pg.escapeIdentifier(table)} TO ${pg.escapeIdentifier(role)}`,
    )
  }
}

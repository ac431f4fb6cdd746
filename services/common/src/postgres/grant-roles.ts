import { defaultOutboxTables, defaultSchema, relayRights } from '@boxoffice/messaging/sql'
import type { EntityManager } from '@mikro-orm/postgresql'
import pg from 'pg'
import { migrationsTable } from './migrations-table.ts'
import { query } from './query.ts'
import type { Rights } from './rights.ts'

/** The roles that work with a database of another owner. A role is left out if the owner does its work. */
export interface LesserRoles {
  /** The service's role: the rights that {@link rights} names, and none of the relay's. */
  readonly serviceRole?: string | undefined
  /** The rights of the service's role. */
  readonly rights?: Rights
  /** The relay's role: the outbox, and the relay's own records. */
  readonly relayRole?: string | undefined
  /** The number of shards that the relays divide the outbox into; 1 if left out. */
  readonly relayShards?: number
}

/**
 * Grants the lesser roles their rights, and revokes all other rights on tables and functions from them and from
 * PUBLIC. This runs after each migration, in its transaction: a new table comes with its rights, and grants made by
 * hand disappear.
 *
 * @throws pg.DatabaseError 42704 if a role does not exist; 42P01 or 42883 if a table or function does not exist
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
    // A table in the first schema of the search path would be found before the tables of messaging.
    await query(em, `REVOKE CREATE ON SCHEMA ${schemas} FROM ${grantee}`)
  }
  for (const role of roles)
    await query(em, `GRANT USAGE ON SCHEMA ${defaultSchema} TO ${pg.escapeIdentifier(role)}`)
  if (relayRole !== undefined) await grantTables(em, relayRights(defaultOutboxTables), relayRole)
  if (serviceRole === undefined) return
  // A service checks with these whether its tables exist.
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

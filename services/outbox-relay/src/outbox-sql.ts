import {
  createOutboxPublication,
  createOutboxTables,
  type OutboxNames,
  outboxTables,
  relayRights,
} from '@boxoffice/messaging/sql'
import pg from 'pg'

/**
 * SQL that puts an outbox into the database of any service: its schema, its tables, the publication of its inserts, and the
 * role of its relay, which may do nothing else. It is for the owner of the database, once.
 */
export function outboxSql(names: OutboxNames, role: string): string {
  const tables = outboxTables(names)
  const schema = pg.escapeIdentifier(names.schema)
  const relay = pg.escapeIdentifier(role)
  const grants = Object.entries(relayRights(tables)).map(
    ([table, privileges]) => `GRANT ${privileges} ON ${table} TO ${relay}`,
  )
  return [
    `CREATE SCHEMA IF NOT EXISTS ${schema}`,
    ...createOutboxTables(tables),
    createOutboxPublication(tables),
    `CREATE ROLE ${relay} LOGIN REPLICATION`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${relay}`,
    ...grants,
  ]
    .map((statement) => `${statement};\n`)
    .join('')
}

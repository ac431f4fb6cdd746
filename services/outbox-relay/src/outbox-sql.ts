import { createShardPublications } from '@boxoffice/common/postgres/outbox-shards.ts'
import {
  createOutboxPublication,
  createOutboxTables,
  type OutboxNames,
  outboxTables,
  relayRights,
} from '@boxoffice/messaging/sql'
import pg from 'pg'

/**
 * SQL that makes an outbox in the database of any service: its schema, its tables, the publications of its inserts,
 * and the role of its relays, with no other rights. The owner of the database runs it once.
 */
export function outboxSql(names: OutboxNames, role: string, shards: number): string {
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
    ...shardPublications(names, shards),
    `CREATE ROLE ${relay} LOGIN REPLICATION`,
    `GRANT USAGE ON SCHEMA ${schema} TO ${relay}`,
    ...grants,
  ]
    .map(ended)
    .join('')
}

/** SQL that makes the publications of shards, for an outbox that exists. */
export function shardSql(names: OutboxNames, shards: number): string {
  return shardPublications(names, shards).map(ended).join('')
}

function shardPublications(names: OutboxNames, shards: number): string[] {
  const { outbox } = outboxTables(names)
  return [...createShardPublications({ outbox, publication: names.publication }, shards).values()]
}

const ended = (statement: string): string => `${statement};\n`

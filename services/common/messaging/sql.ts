// For adapters of a database library, and for services that make the tables by their own migrations.

export { messagingTables } from './schema/messaging-tables.ts'
export { messagingVersion, migrations, referencePlace } from './schema/migrations.ts'
export {
  createOutboxPublication,
  createOutboxTables,
  defaultOutboxTables,
  type OutboxNames,
  type OutboxTables,
  outboxTables,
  parkedTableOf,
  relayRights,
  slotTableOf,
} from './schema/outbox-tables.ts'
export { defaultSchema, publicationOf } from './schema/place.ts'
export { readApplied } from './schema/stored-version.ts'
export { boundQuery, type Query } from './sql/bound-query.ts'
export { markEarlierWrite } from './sql/earlier-write.ts'
export { isAway, isHeld, isTransient } from './sql/errors.ts'
export { DatabaseHeldError } from './sql/held.ts'
export { isoTime } from './sql/iso-time.ts'
export { requireCommit } from './sql/require-commit.ts'
export { markUnconnected } from './sql/unconnected.ts'

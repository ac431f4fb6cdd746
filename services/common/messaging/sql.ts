// For adapters of a database library, and for services whose migrations are not messaging's.

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
export { boundAnswers, NoAnswerError } from './sql/bound-answers.ts'
export { isAway, isHeld, isTransient } from './sql/errors.ts'
export { isoTime } from './sql/iso-time.ts'
export { markUnconnected } from './sql/unconnected.ts'

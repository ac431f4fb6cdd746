export { messagingTables } from '../schema/messaging-tables.ts'
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
} from '../schema/outbox-tables.ts'
export { isAway, isHeld, isTransient } from './errors.ts'
export { isoTime } from './iso-time.ts'
export { markUnconnected } from './unconnected.ts'

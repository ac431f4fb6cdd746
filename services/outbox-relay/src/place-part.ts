import { createHash } from 'node:crypto'
import { type OutboxNames, publicationOf } from '@boxoffice/messaging/sql'

/**
 * What a slot's name has of where the outbox is: six digits of the schema, and of the publication where that is not named by the schema;
 * nothing for `outbox` in `public`. The names themselves may be longer than a slot has room for.
 */
export function placePart({ schema, publication }: Pick<OutboxNames, 'schema' | 'publication'>): string {
  const isUsual = publication === publicationOf(schema)
  if (isUsual && schema === 'public') return ''
  const place = isUsual ? schema : `${schema} ${publication}`
  return createHash('sha256').update(place).digest('hex').slice(0, 6)
}

/**
 * SQL that is true for a slot that is named as those of relays of this database are. While it is read it is another outbox' there; left
 * behind, it is nobody's.
 */
export const relaySlotOfThisDatabase = `
  slot_name ~ ('^outbox_[a-z0-9_]+_' || (SELECT oid FROM pg_database WHERE datname = current_database())
    || '(_[0-9a-f]{6})?(_[0-9]+of[0-9]+)?$')`

import { createHash } from 'node:crypto'
import { type OutboxNames, publicationOf } from '@boxoffice/messaging/sql'

/**
 * The part of a slot's name that stands for the place of the outbox: six hexadecimal digits for the schema, and for
 * the publication if its name does not follow the schema; nothing for `outbox` in `public`. The names themselves may
 * be longer than a slot's name can be.
 */
export function placePart({ schema, publication }: Pick<OutboxNames, 'schema' | 'publication'>): string {
  const isUsual = publication === publicationOf(schema)
  if (isUsual && schema === 'public') return ''
  const place = isUsual ? schema : `${schema} ${publication}`
  return createHash('sha256').update(place).digest('hex').slice(0, 6)
}

/**
 * SQL that is true for a slot with the name of a relay's slot in this database. A slot that is being read belongs to
 * another outbox in it; a slot that is not being read was left behind.
 */
export const relaySlotOfThisDatabase = `
  slot_name ~ ('^outbox_[a-z0-9_]+_' || (SELECT oid FROM pg_database WHERE datname = current_database())
    || '(_[0-9a-f]{6})?(_[0-9]+of[0-9]+)?$')`

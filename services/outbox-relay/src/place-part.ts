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

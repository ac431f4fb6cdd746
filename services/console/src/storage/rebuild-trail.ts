import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/**
 * Forgets everything and lets the consumer read every topic from its first record again, in one transaction: a consumer that
 * is in the middle of a batch is fenced by its position. Positions of the trail go on counting, so streams go on.
 */
export async function rebuildTrail(em: EntityManager, consumer: string): Promise<void> {
  await query(em, 'TRUNCATE message, payment, transition, ledger_entry, sale, reservation')
  await query(em, 'DELETE FROM inbox WHERE consumer = $1', [consumer])
  await query(em, 'UPDATE consumer_position SET next_offset = 0 WHERE consumer = $1', [consumer])
}

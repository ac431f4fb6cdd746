import type { EntityManager } from '@mikro-orm/postgresql'
import { query } from '../postgres/query.ts'

/**
 * Writes ids into the inbox and returns, in their order, what is new to this consumer: neither a repeat of one before it
 * nor in the inbox already. The inbox knows what was handled and what was put aside alike.
 */
export async function claimNew<Identified extends { readonly id: string }>(
  em: EntityManager,
  consumer: string,
  messages: readonly Identified[],
): Promise<Identified[]> {
  if (messages.length === 0) return []
  const firstOf = new Map<string, Identified>()
  for (const message of messages) if (!firstOf.has(message.id)) firstOf.set(message.id, message)
  const rows = await query<{ message_id: string }>(em, insertIds, [consumer, [...firstOf.keys()]])
  const claimed = new Set(rows.map((row) => row.message_id))
  return [...firstOf.values()].filter((message) => claimed.has(message.id))
}

/** In the order of ids: two transactions that claim the same ones wait for each other, and never in a circle. */
const insertIds = `
  INSERT INTO inbox (consumer, message_id)
  SELECT $1, message_id FROM unnest($2::uuid[]) AS received (message_id) ORDER BY message_id
  ON CONFLICT DO NOTHING
  RETURNING message_id`

import type { EntityManager } from '@mikro-orm/postgresql'
import { query } from '../postgres/query.ts'
import type { ReceivedMessage } from './message-handler.ts'

/**
 * Writes the messages' ids into the inbox and returns, in their order, the messages that are new to this consumer: neither
 * a repeat of one before them nor in the inbox already.
 */
export async function claimNew(
  em: EntityManager,
  consumer: string,
  messages: readonly ReceivedMessage[],
): Promise<ReceivedMessage[]> {
  if (messages.length === 0) return []
  const firstOf = new Map<string, ReceivedMessage>()
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

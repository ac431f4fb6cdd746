import { write } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'

/** Inserts the wallets that are missing, without points. */
export async function insertWallets(em: EntityManager, userIds: readonly string[]): Promise<void> {
  await write(em, insertMissingWallets, [[...new Set(userIds)]])
}

/** In the order of their ids: two transactions that insert the same wallets cannot deadlock. */
const insertMissingWallets = `
  INSERT INTO wallet (user_id, balance) SELECT user_id, 0 FROM unnest($1::text[]) AS wanted (user_id) ORDER BY user_id
  ON CONFLICT DO NOTHING`

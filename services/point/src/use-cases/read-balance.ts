import type { Database } from '@boxoffice/common/postgres/database.ts'
import { findWallet } from '../storage/find-wallet.ts'

/** Reads a user's points; undefined if the user has no wallet. */
export async function readBalance(
  database: Pick<Database, 'em'>,
  userId: string,
): Promise<bigint | undefined> {
  return (await findWallet(database.em(), userId))?.balance
}

import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { LedgerRow } from '../storage/entities.ts'
import { type LedgerPage, listLedgerEntries } from '../storage/find-ledger-entries.ts'

/** Lists a part of a user's ledger, newest first. */
export function listLedger(database: Pick<Database, 'em'>, page: LedgerPage): Promise<LedgerRow[]> {
  return listLedgerEntries(database.em(), page)
}

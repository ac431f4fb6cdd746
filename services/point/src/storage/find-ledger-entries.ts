import type { EntityManager } from '@mikro-orm/postgresql'
import { LedgerEntryEntity, type LedgerRow } from './entities.ts'

/** Ledger rows by their transaction ids, with the times that the database gave them. */
export async function findLedgerEntries(
  em: EntityManager,
  transactionIds: readonly string[],
): Promise<Map<string, LedgerRow>> {
  if (transactionIds.length === 0) return new Map()
  const rows = await em.find(LedgerEntryEntity, { transactionId: { $in: [...transactionIds] } })
  return new Map(rows.map((row) => [row.transactionId, row]))
}

/** The bounds of a page of a user's ledger. */
export interface LedgerPage {
  readonly userId: string
  /** Only rows before this position; undefined for the newest. */
  readonly before: bigint | undefined
  readonly limit: number
}

/** A user's ledger rows, newest first. */
export function listLedgerEntries(
  em: EntityManager,
  { userId, before, limit }: LedgerPage,
): Promise<LedgerRow[]> {
  return em.find(
    LedgerEntryEntity,
    { userId, ...(before === undefined ? {} : { position: { $lt: before } }) },
    { orderBy: { position: 'desc' }, limit },
  )
}

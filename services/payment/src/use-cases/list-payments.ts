import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { PaymentRow } from '../storage/entities.ts'
import { type PaymentPage, type PaymentWithHistory, readPage, withHistory } from '../storage/read-payments.ts'

/**
 * Lists a part of a user's payments, newest first, each with its history.
 *
 * @param cut - leaves out the rows that do not belong to the page, before their histories are read
 */
export async function listPayments<Cut extends { readonly rows: readonly PaymentRow[] }>(
  database: Pick<Database, 'em'>,
  page: PaymentPage,
  cut: (found: readonly PaymentRow[]) => Cut,
): Promise<Cut & { readonly payments: readonly PaymentWithHistory[] }> {
  const em = database.em()
  const shown = cut(await readPage(em, page))
  return { ...shown, payments: await withHistory(em, shown.rows) }
}

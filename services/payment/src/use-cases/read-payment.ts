import type { Database } from '@boxoffice/common/postgres/database.ts'
import { type PaymentWithHistory, withHistory } from '../storage/read-payments.ts'
import { findOwnPayment } from './find-payment.ts'

/**
 * Reads a payment of a user with its history.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's
 */
export async function readPayment(
  database: Pick<Database, 'em'>,
  of: { readonly paymentId: string; readonly userId: string },
): Promise<PaymentWithHistory | undefined> {
  const em = database.em()
  const [payment] = await withHistory(em, [await findOwnPayment(em, of)])
  return payment
}

/**
 * Checks that a user has a payment, before it is watched.
 *
 * @returns its id as it is stored
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's
 */
export async function checkOwnPayment(
  database: Pick<Database, 'em'>,
  of: { readonly paymentId: string; readonly userId: string },
): Promise<string> {
  return (await findOwnPayment(database.em(), of)).paymentId
}

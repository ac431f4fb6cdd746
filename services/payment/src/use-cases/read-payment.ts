import type { Database } from '@boxoffice/common/postgres/database.ts'
import { type PaymentWithHistory, readOwnPayment, withHistory } from '../storage/read-payments.ts'
import { findOwnPayment, type OwnPayment } from './find-payment.ts'

/**
 * Reads a payment of a user with its history.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's
 */
export async function readPayment(
  database: Pick<Database, 'em'>,
  of: OwnPayment,
): Promise<PaymentWithHistory | undefined> {
  const em = database.em()
  const [payment] = await withHistory(em, [await findOwnPayment(rows, em, of)])
  return payment
}

/**
 * Checks that a user has a payment, before it is watched.
 *
 * @returns its id as it is stored
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's
 */
export async function checkOwnPayment(database: Pick<Database, 'em'>, of: OwnPayment): Promise<string> {
  return (await findOwnPayment(rows, database.em(), of)).paymentId
}

const rows = { findOwn: readOwnPayment }

import type { Database } from '@boxoffice/common/postgres/database.ts'
import { type PaymentWithHistory, readOwnPayment, withHistory } from '../storage/read-payments.ts'
import { findOwnPayment, type OwnPayment } from './find-payment.ts'

/**
 * Reads a payment of a user with its history.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's payment
 */
export async function readPayment(
  database: Pick<Database, 'em'>,
  wanted: OwnPayment,
): Promise<PaymentWithHistory | undefined> {
  const em = database.em()
  const [payment] = await withHistory(em, [await findOwnPayment(rows, em, wanted)])
  return payment
}

/**
 * Checks that a user has a payment, before the user watches it.
 *
 * @returns its id as it is stored
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's payment
 */
export async function checkOwnPayment(database: Pick<Database, 'em'>, wanted: OwnPayment): Promise<string> {
  return (await findOwnPayment(rows, database.em(), wanted)).paymentId
}

const rows = { findOwn: readOwnPayment }

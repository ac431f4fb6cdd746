import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'

/** A payment, and the user that it has to be of. */
export interface OwnPayment {
  readonly paymentId: string
  readonly userId: string
}

/**
 * Finds a payment of a user.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's, so that ids tell nothing
 */
export async function findOwnPayment<Tx, Found>(
  store: { findOwn(tx: Tx, of: OwnPayment): Promise<Found | null> },
  tx: Tx,
  of: OwnPayment,
): Promise<Found> {
  const payment = await store.findOwn(tx, of)
  if (payment !== null) return payment
  throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, `you have no payment ${of.paymentId}`)
}

import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'

/** A payment's id, and the user that it must belong to. */
export interface OwnPayment {
  readonly paymentId: string
  readonly userId: string
}

/**
 * Finds a payment of a user.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's payment, so that ids reveal nothing
 */
export async function findOwnPayment<Tx, Found>(
  store: { findOwn(tx: Tx, wanted: OwnPayment): Promise<Found | null> },
  tx: Tx,
  wanted: OwnPayment,
): Promise<Found> {
  const payment = await store.findOwn(tx, wanted)
  if (payment !== null) return payment
  throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, `you have no payment ${wanted.paymentId}`)
}

import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { PaymentRow } from '../storage/entities.ts'
import { readOwnPayment } from '../storage/read-payments.ts'

/**
 * Finds a payment of a user.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for another user's, so that ids tell nothing
 */
export async function findOwnPayment(
  em: EntityManager,
  of: { readonly paymentId: string; readonly userId: string },
): Promise<PaymentRow> {
  const payment = await readOwnPayment(em, of)
  if (payment !== null) return payment
  throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, `you have no payment ${of.paymentId}`)
}

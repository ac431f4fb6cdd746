import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { PaymentEntity, type PaymentRow } from '../storage/entities.ts'

/**
 * A payment of the caller.
 *
 * @throws ApiError NOT_FOUND (PAYMENT_NOT_FOUND), also for somebody else's, so that ids tell nothing
 */
export async function findOwnPayment(
  em: EntityManager,
  paymentId: string,
  subject: string,
): Promise<PaymentRow> {
  const payment = await em.findOne(
    PaymentEntity,
    { paymentId, userId: subject },
    { disableIdentityMap: true },
  )
  if (payment !== null) return payment
  throw apiError(Code.NOT_FOUND, ErrorReason.PAYMENT_NOT_FOUND, `you have no payment ${paymentId}`)
}

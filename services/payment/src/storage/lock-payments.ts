import { type EntityManager, LockMode } from '@mikro-orm/postgresql'
import type { Payment } from '../domain/payment.ts'
import { PaymentEntity } from './entities.ts'

/** Loads payments by their ids and locks them, in the order of their ids, until the transaction ends. */
export async function lockPayments(
  em: EntityManager,
  paymentIds: readonly string[],
): Promise<Map<string, Payment>> {
  const rows = await em.find(
    PaymentEntity,
    { paymentId: { $in: [...new Set(paymentIds)] } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { paymentId: 'asc' }, disableIdentityMap: true },
  )
  return new Map(rows.map((row) => [row.paymentId, row]))
}

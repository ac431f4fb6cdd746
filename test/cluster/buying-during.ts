import { Code } from '@boxoffice/common/status/errors.ts'
import type { Payment } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { newCustomer } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import { trafficDuring } from '../support/traffic.ts'
import { waitUntil } from '../support/wait-until.ts'

/** Waits until every port-forward reaches a pod again, and then runs customers who buy through them. */
export async function buyingDuring(system: TestSystem, during: () => Promise<unknown>): Promise<Payment[]> {
  const scout = await newCustomer(system)
  await waitUntil('each service is reached', async () => {
    const { payments, points, reservations } = scout
    const calls = [payments.listPayments({}), points.getBalance({}), reservations.listConcerts({})]
    // A customer without a wallet gets NOT_FOUND from the service.
    return (await Promise.allSettled(calls)).every(
      (result) => result.status === 'fulfilled' || result.reason.code === Code.NOT_FOUND,
    )
  })
  scout.close()
  return await trafficDuring(system, during)
}

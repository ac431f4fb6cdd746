import { randomUUID } from 'node:crypto'
import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import {
  FailureReasonSchema,
  PaymentStatus,
  PaymentStatusSchema,
} from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { BenchError } from './bench-error.ts'
import type { Buyer } from './prepare.ts'
import type { SystemUnderTest } from './system-under-test.ts'

export type CheckoutClient = Client<typeof CheckoutService>

const waitSeconds = 50
const deadlineMs = 55_000

/** Opens one connection, as a gateway in front of the service would. */
export function openCheckout(system: SystemUnderTest): CheckoutClient {
  return createClient(CheckoutService, system.addresses.services.payment.grpc[0] ?? '')
}

/** Checks out and returns the payment's id once the payment is accepted, before it is COMPLETED. */
export async function submit(client: CheckoutClient, buyer: Buyer, signal: AbortSignal): Promise<string> {
  const { reservationId, amount, metadata } = buyer
  const request = { requestId: randomUUID(), reservationId, amount }
  const { payment } = await client.checkout(request, { metadata, signal, deadlineMs })
  if (!payment) throw new BenchError('Checkout answered without a payment.')
  return payment.paymentId
}

/** Checks out and waits for an answer with the status COMPLETED. @throws BenchError on any other status */
export async function buy(client: CheckoutClient, buyer: Buyer, signal: AbortSignal): Promise<void> {
  const { reservationId, amount, metadata } = buyer
  const { payment } = await client.checkout(
    { requestId: randomUUID(), reservationId, amount, wait: { seconds: BigInt(waitSeconds), nanos: 0 } },
    { metadata, signal, deadlineMs },
  )
  if (payment?.status === PaymentStatus.COMPLETED) return
  const status = PaymentStatusSchema.value[payment?.status ?? 0]?.name
  const reason = payment?.failureReason ? ` (${FailureReasonSchema.value[payment.failureReason]?.name})` : ''
  throw new BenchError(`Payment ${payment?.paymentId} is ${status}${reason} and not COMPLETED.`)
}

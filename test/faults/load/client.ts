import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { signToken } from '../../../scripts/platform/auth.ts'
import type { TestSystem } from '../../support/shared-system.ts'

/** One user's connections to every replica of every service. */
export interface ReplicaClients {
  readonly payment: readonly Client<typeof CheckoutService>[]
  readonly point: readonly Client<typeof PointService>[]
  readonly reservation: readonly Client<typeof ReservationService>[]
  close(): void
}

/** Longer than any run. */
const tokenSeconds = 24 * 3_600

export async function clientsOf(
  { addresses, auth }: TestSystem,
  userId: string,
  deadlineMs: number,
): Promise<ReplicaClients> {
  const token = await signToken(auth, { subject: userId, validForSeconds: tokenSeconds })
  const options = { token: () => token, deadlineMs }
  const { services } = addresses
  const payment = services.payment.grpc.map((address) => createClient(CheckoutService, address, options))
  const point = services.point.grpc.map((address) => createClient(PointService, address, options))
  const reservation = services.reservation.grpc.map((address) =>
    createClient(ReservationService, address, options),
  )
  return {
    payment,
    point,
    reservation,
    close() {
      for (const client of [...payment, ...point, ...reservation]) client.close()
    },
  }
}

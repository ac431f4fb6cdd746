import { type Client, createClient } from '@boxoffice/common/grpc/client.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { signToken } from '../../../scripts/platform/auth.ts'
import type { World } from '../world.ts'

/** One user's connections to every replica of every service. */
export interface ReplicaClients {
  readonly payment: readonly Client<typeof CheckoutService>[]
  readonly point: readonly Client<typeof PointService>[]
  readonly reservation: readonly Client<typeof ReservationService>[]
  close(): void
}

/** The validity of a token, longer than any run. */
const tokenSeconds = 24 * 3_600

export async function clientsOf(
  { system, grpcAddresses }: Pick<World, 'system' | 'grpcAddresses'>,
  userId: string,
  deadlineMs: number,
): Promise<ReplicaClients> {
  const token = await signToken(system.auth, {
    subject: userId,
    roles: ['cashier'],
    validForSeconds: tokenSeconds,
  })
  const options = { token: () => token, deadlineMs }
  const payment = grpcAddresses.payment.map((address) => createClient(CheckoutService, address, options))
  const point = grpcAddresses.point.map((address) => createClient(PointService, address, options))
  const reservation = grpcAddresses.reservation.map((address) =>
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

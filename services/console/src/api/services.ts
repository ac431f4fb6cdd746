import { createClient } from '@boxoffice/common/grpc/client.ts'
import type { ChannelCredentials } from '@boxoffice/common/grpc/tls.ts'
import { ConsumerService } from '@boxoffice/proto/boxoffice/admin/v1/consumer_service_pb.ts'
import { DeadLetterService } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { ReplayService } from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'

export const serviceNames = ['payment', 'point', 'reservation'] as const
export type ServiceName = (typeof serviceNames)[number]

/** Clients of the services over gRPC. Each call is made in the name of the console's caller: see `asCaller`. */
export type Services = ReturnType<typeof connectServices>

export function connectServices(
  addresses: Readonly<Record<ServiceName, string>>,
  credentials: ChannelCredentials,
) {
  const options = { credentials }
  const operators = (address: string) => ({
    consumers: createClient(ConsumerService, address, options),
    deadLetters: createClient(DeadLetterService, address, options),
    replays: createClient(ReplayService, address, options),
  })
  const services = {
    payments: createClient(CheckoutService, addresses.payment, options),
    points: createClient(PointService, addresses.point, options),
    reservations: createClient(ReservationService, addresses.reservation, options),
    operators: {
      payment: operators(addresses.payment),
      point: operators(addresses.point),
      reservation: operators(addresses.reservation),
    },
  }
  return {
    ...services,
    close() {
      const { operators: operatorsOf, ...clients } = services
      for (const client of Object.values(clients)) client.close()
      for (const name of serviceNames) for (const client of Object.values(operatorsOf[name])) client.close()
    },
  }
}

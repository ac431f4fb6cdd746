import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { atOnce } from './at-once.ts'
import { createConcert, price, seatName } from './concert.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import { type Credentials, signIn } from './users.ts'

/** A user with enough points and a held seat, ready to check out. */
export interface Buyer {
  /** The metadata that authorizes the buyer's calls. */
  readonly metadata: Credentials
  readonly reservationId: string
  readonly amount: bigint
}

const atATime = 32

/**
 * Prepares `count` buyers, each with another seat of one concert. They share `userCount` users; by default each has
 * its own.
 */
export async function prepareBuyers(
  system: SystemUnderTest,
  count: number,
  signal: AbortSignal,
  userCount = count,
): Promise<Buyer[]> {
  const { services } = system.addresses
  const points = createClient(PointService, services.point.grpc[0] ?? '')
  const seats = createClient(ReservationService, services.reservation.grpc[0] ?? '')
  try {
    const [admin] = await signIn(system, 1, ['admin'])
    const users = await signIn(system, userCount, ['cashier'])
    const concertId = await createConcert(seats, admin as Credentials, count)
    const buyers: Buyer[] = []
    await atOnce(atATime, Array.from({ length: count }), async (_, index) => {
      const metadata = users[index % users.length] as Credentials
      const options = { metadata, signal, deadlineMs: 30_000 }
      const [{ reservation }] = await Promise.all([
        seats.holdSeats({ requestId: randomUUID(), concertId, seats: [seatName(index)] }, options),
        points.chargePoints({ requestId: randomUUID(), amount: price }, options),
      ])
      if (!reservation) throw new Error('HoldSeats answered without a reservation')
      buyers.push({ metadata, reservationId: reservation.reservationId, amount: reservation.totalPrice })
    })
    return buyers
  } finally {
    points.close()
    seats.close()
  }
}

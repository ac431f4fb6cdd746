import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { signToken } from '../platform/auth.ts'
import { atOnce } from './at-once.ts'
import type { SystemUnderTest } from './system-under-test.ts'

/** Someone with enough points and a held seat of their own, who has only to check out. */
export interface Buyer {
  /** What authorizes their calls. */
  readonly metadata: { readonly authorization: string }
  readonly reservationId: string
  readonly amount: bigint
}

const atATime = 32
const price = 5_000n
const seatsPerRow = 100
const rowsPerSection = 100

/** Makes `count` buyers, all for the same concert: different users, different seats. */
export async function prepareBuyers(
  system: SystemUnderTest,
  count: number,
  signal: AbortSignal,
): Promise<Buyer[]> {
  const { services } = system.addresses
  const points = createClient(PointService, services.point.grpc[0] ?? '')
  const seats = createClient(ReservationService, services.reservation.grpc[0] ?? '')
  try {
    const run = randomUUID()
    const concertId = await createConcert(seats, await authorize(system, `bench-${run}`, ['admin']), count)
    const buyers: Buyer[] = []
    await atOnce(atATime, Array.from({ length: count }), async (_, index) => {
      const metadata = await authorize(system, `bench-${run}-${index}`, ['cashier'])
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

async function createConcert(
  client: ReturnType<typeof createClient<typeof ReservationService.method>>,
  metadata: Buyer['metadata'],
  seatCount: number,
): Promise<string> {
  const sections = Math.ceil(seatCount / (rowsPerSection * seatsPerRow))
  const { concert } = await client.createConcert(
    {
      requestId: randomUUID(),
      title: 'Benchmark',
      startTime: { seconds: BigInt(Date.UTC(2030, 5, 1, 20) / 1000), nanos: 0 },
      sections: Array.from({ length: sections }, (_, index) => ({
        name: sectionName(index),
        rows: rowsPerSection,
        seatsPerRow,
        price,
      })),
    },
    { metadata, deadlineMs: 60_000 },
  )
  if (!concert) throw new Error('CreateConcert answered without a concert')
  return concert.concertId
}

async function authorize(
  system: SystemUnderTest,
  subject: string,
  roles: readonly string[],
): Promise<Buyer['metadata']> {
  return { authorization: `Bearer ${await signToken(system.auth, { subject, roles })}` }
}

function seatName(index: number): string {
  const inSection = index % (rowsPerSection * seatsPerRow)
  const section = sectionName(Math.floor(index / (rowsPerSection * seatsPerRow)))
  return `${section}-${Math.floor(inSection / seatsPerRow) + 1}-${(inSection % seatsPerRow) + 1}`
}

function sectionName(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}

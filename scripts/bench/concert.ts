import { randomUUID } from 'node:crypto'
import type { Client } from '@boxoffice/common/grpc/client.ts'
import type { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Credentials } from './users.ts'

/** The price of each seat. */
export const price = 5_000n
const seatsPerRow = 100
const rowsPerSection = 100

/**
 * Creates a concert with `seatCount` seats or more, with the service's default limit of seats per user. Returns its
 * id.
 */
export async function createConcert(
  client: Client<typeof ReservationService>,
  metadata: Credentials,
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

/** The name of a concert's seat, counted from 0. */
export function seatName(index: number): string {
  const inSection = index % (rowsPerSection * seatsPerRow)
  const section = sectionName(Math.floor(index / (rowsPerSection * seatsPerRow)))
  return `${section}-${Math.floor(inSection / seatsPerRow) + 1}-${(inSection % seatsPerRow) + 1}`
}

function sectionName(index: number): string {
  return String.fromCharCode('A'.charCodeAt(0) + index)
}

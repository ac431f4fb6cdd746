import { randomUUID } from 'node:crypto'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Target } from './attack.ts'
import { clientOf, tokenFor } from './callers.ts'

const rows = 10
const seatsPerRow = 40
export const seatsTotal = rows * seatsPerRow

export function seatName(nth: number): string {
  const place = nth % seatsTotal
  return `A-${Math.floor(place / seatsPerRow) + 1}-${(place % seatsPerRow) + 1}`
}

export async function openHall(target: Target): Promise<Concert> {
  const token = await tokenFor(target, 'abuse-harness', ['admin'])
  const admin = clientOf(target, ReservationService, 'reservation', token)
  try {
    const { concert } = await admin.createConcert({
      requestId: randomUUID(),
      title: 'A hall that one buyer wants',
      startTime: { seconds: 4_000_000_000n },
      sections: [{ name: 'A', rows, seatsPerRow, price: 100n }],
    })
    if (concert === undefined) throw new Error('the concert was not made')
    return concert
  } finally {
    admin.close()
  }
}

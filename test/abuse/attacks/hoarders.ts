import { randomUUID } from 'node:crypto'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Attack } from '../attack.ts'
import { clientOf, inParallel, tokenFor } from '../callers.ts'
import { openHall, seatName, seatsTotal } from '../hall.ts'

/** The most seats of one concert that a buyer may hold. */
const seatsOfOneMax = 10

/** A buyer who tries to hold all seats, releases some and holds them again, and charges his own wallet. */
export const hoarders: Attack = {
  name: 'hoarders',
  tries: `all ${seatsTotal} seats of a concert for one buyer, and points without payment`,
  async run(target, tally, over) {
    const { concertId } = await openHall(target)
    const token = await tokenFor(target)
    const seats = clientOf(target, ReservationService, 'reservation', token)
    const points = clientOf(target, PointService, 'point', token)
    /** The number of seats that he holds now, by reservation. */
    const held = new Map<string, number>()
    let next = 0
    await inParallel(16, over, async (worker) => {
      const charged = await tally.count(() =>
        points.chargePoints({ requestId: randomUUID(), amount: 1_000_000n }),
      )
      if (charged !== undefined) tally.gotThrough('a buyer has charged his own wallet')
      const wanted = Array.from({ length: 5 }, () => seatName(next++))
      const answer = await tally.count(() =>
        seats.holdSeats({ requestId: randomUUID(), concertId, seats: wanted }),
      )
      const reservation = answer?.reservation
      if (reservation === undefined) return
      held.set(reservation.reservationId, reservation.seats.length)
      const seatsNow = [...held.values()].reduce((sum, count) => sum + count, 0)
      if (seatsNow > seatsOfOneMax) tally.gotThrough(`one buyer holds ${seatsNow} seats`)
      if (worker % 2 === 0) return
      held.delete(reservation.reservationId)
      await tally.count(() =>
        seats.releaseReservation({ requestId: randomUUID(), reservationId: reservation.reservationId }),
      )
      const again = await tally.count(() =>
        seats.holdSeats({ requestId: randomUUID(), concertId, seats: wanted }),
      )
      if (again !== undefined) tally.gotThrough('released seats were held again at once')
    })
    seats.close()
    points.close()
  },
}

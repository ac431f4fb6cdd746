import { randomUUID } from 'node:crypto'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Attack } from '../attack.ts'
import { clientOf, inParallel, tokenFor } from '../callers.ts'
import { openHall, seatName, seatsTotal } from '../hall.ts'

/** More than any buyer may have of one concert. */
const seatsOfOneMax = 10

/** One buyer who wants the whole hall, gives it back and takes it again, and fills his own wallet. */
export const hoarders: Attack = {
  name: 'hoarders',
  tries: `all ${seatsTotal} seats of a concert for one buyer, and points from nowhere`,
  async run(target, tally, over) {
    const { concertId } = await openHall(target)
    const token = await tokenFor(target)
    const seats = clientOf(target, ReservationService, 'reservation', token)
    const points = clientOf(target, PointService, 'point', token)
    /** What he holds now, by reservation. */
    const held = new Map<string, number>()
    let next = 0
    await inParallel(16, over, async (worker) => {
      const charged = await tally.count(() =>
        points.chargePoints({ requestId: randomUUID(), amount: 1_000_000n }),
      )
      if (charged !== undefined) tally.gotThrough('a buyer has filled his own wallet')
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
      if (again !== undefined) tally.gotThrough('seats were given back and taken again at once')
    })
    seats.close()
    points.close()
  },
}

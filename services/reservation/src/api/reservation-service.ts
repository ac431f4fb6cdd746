import { callUnits } from '@boxoffice/common/admission/limits.ts'
import { implement } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { HoldSettings } from '../use-cases/hold-seats.ts'
import { createConcertOnce } from './create-concert.ts'
import { getReservation } from './get-reservation.ts'
import { holdSeatsOnce } from './hold-seats.ts'
import { listConcertsInOrder } from './list-concerts.ts'
import { listSeatsInOrder } from './list-seats.ts'
import { releaseReservationOnce } from './release-reservation.ts'

/** boxoffice.reservation.v1.ReservationService. */
export function reservationService(database: Database, settings: HoldSettings) {
  return implement(
    ReservationService,
    {
      createConcert: createConcertOnce(database, settings.seatsPerUserMax),
      listConcerts: listConcertsInOrder(database),
      listSeats: listSeatsInOrder(database),
      holdSeats: holdSeatsOnce(database, settings),
      getReservation: getReservation(database),
      releaseReservation: releaseReservationOnce(database),
    },
    {
      units: {
        createConcert: callUnits.list,
        listConcerts: callUnits.list,
        listSeats: callUnits.seatMap,
        holdSeats: callUnits.write,
      },
    },
  )
}

import { type MessagingBooks, readMessagingBooks } from './messaging-books.ts'
import { readFaults, readSnapshot } from './snapshot.ts'

/** The seats that were sold to one payment. */
export interface Sale {
  readonly paymentId: string
  readonly reservationId: string
  readonly seats: number
  /** The price of the sold seats, in points. */
  readonly price: bigint
}

/** The reservation database at one moment. */
export interface ReservationBooks {
  readonly messaging: MessagingBooks
  readonly liveHolds: number
  /** The sales by payment id. */
  readonly sales: ReadonlyMap<string, Sale>
  readonly seatFaults: readonly string[]
  readonly requestFaults: readonly string[]
}

/** Reads everything from the reservation database that is judged. */
export async function readReservationBooks(url: string): Promise<ReservationBooks> {
  return await readSnapshot('reservation', url, async (read) => {
    const [holds] = await read<{ live: number }>(countLiveHolds)
    const sales = await read<{ payment_id: string; reservation_id: string; seats: number; price: string }>(
      listSales,
    )
    return {
      messaging: await readMessagingBooks(read, 'reservation'),
      liveHolds: holds?.live ?? 0,
      sales: new Map(
        sales.map((row) => [
          row.payment_id,
          {
            paymentId: row.payment_id,
            reservationId: row.reservation_id,
            seats: row.seats,
            price: BigInt(row.price),
          },
        ]),
      ),
      seatFaults: await readFaults(read, [
        findSeatsTakenTwice,
        findHoldsWithoutSeats,
        findSeatsAndSalesApart,
        findReservationsAndSalesApart,
        findConfirmationsAndSalesApart,
      ]),
      requestFaults: await readFaults(read, [findHoldsWithoutRequest]),
    }
  })
}

/** Uses a clock that is read after the snapshot, so that a hold that another user has taken over has lapsed by it. */
const live = `(state = 'HELD' AND reservation.held_until > clock_timestamp())`

const countLiveHolds = `SELECT count(*)::int AS live FROM reservation WHERE ${live}`

const listSales = `
  SELECT payment_id, min(sale.reservation_id::text) AS reservation_id, count(*)::int AS seats, sum(price)::text AS price
  FROM sale JOIN seat USING (concert_id, seat) GROUP BY payment_id`

const findSeatsTakenTwice = `
  SELECT format('seat %s of concert %s is held or sold %s times: reservations %s', seat, concert_id, count(*),
    string_agg(reservation_id::text, ', ')) AS fault
  FROM reservation CROSS JOIN unnest(seats) AS seat
  WHERE state = 'SOLD' OR ${live}
  GROUP BY concert_id, seat HAVING count(*) > 1`

const findHoldsWithoutSeats = `
  SELECT format('reservation %s holds seat %s of concert %s, which belongs to %s', reservation.reservation_id, name,
    reservation.concert_id, coalesce(seat.reservation_id::text, 'nobody')) AS fault
  FROM reservation CROSS JOIN unnest(seats) AS name
    LEFT JOIN seat ON seat.concert_id = reservation.concert_id AND seat.seat = name
  WHERE (state = 'SOLD' OR ${live}) AND seat.reservation_id IS DISTINCT FROM reservation.reservation_id`

const findSeatsAndSalesApart = `
  SELECT format('seat %s of concert %s: %s', seat, concert_id, CASE
    WHEN sale.reservation_id IS NULL THEN 'marked as sold, but there is no sale'
    WHEN NOT sold THEN 'there is a sale, but it is not marked as sold'
    ELSE format('belongs to reservation %s and was sold to %s', seat.reservation_id, sale.reservation_id)
    END) AS fault
  FROM seat FULL JOIN sale USING (concert_id, seat)
  WHERE (sold OR sale.reservation_id IS NOT NULL)
    AND (NOT sold OR sale.reservation_id IS DISTINCT FROM seat.reservation_id)`

const findReservationsAndSalesApart = `
  WITH sold AS (
    SELECT sale.reservation_id, min(sale.payment_id::text) AS payment_id, count(DISTINCT sale.payment_id) AS payments,
      count(*) AS seats, sum(price) AS price
    FROM sale JOIN seat USING (concert_id, seat) GROUP BY sale.reservation_id
  )
  SELECT format('reservation %s is %s with %s seats for %s points; sold were %s seats for %s points', reservation_id,
    coalesce(state, 'unknown'), coalesce(cardinality(reservation.seats), 0), coalesce(total_price, 0),
    coalesce(sold.seats, 0), coalesce(price, 0)) AS fault
  FROM reservation FULL JOIN sold USING (reservation_id)
  WHERE (state = 'SOLD' OR sold.seats IS NOT NULL) AND (
    state IS DISTINCT FROM 'SOLD' OR sold.seats IS DISTINCT FROM cardinality(reservation.seats) OR payments <> 1
    OR price <> total_price OR sold.payment_id <> reservation.payment_id::text)`

const findConfirmationsAndSalesApart = `
  SELECT format('payment %s and reservation %s: %s', coalesce(confirmation.payment_id, reservation.payment_id),
    coalesce(confirmation.reservation_id, reservation.reservation_id),
    CASE WHEN reservation.payment_id IS NULL THEN 'a sale was confirmed that was not made'
      ELSE 'a sale was made that was not confirmed' END) AS fault
  FROM (SELECT * FROM confirmation WHERE refusal IS NULL) AS confirmation
    FULL JOIN (SELECT * FROM reservation WHERE state = 'SOLD') AS reservation
      ON reservation.payment_id = confirmation.payment_id
      AND reservation.reservation_id = confirmation.reservation_id
  WHERE reservation.payment_id IS NULL OR confirmation.payment_id IS NULL`

const findHoldsWithoutRequest = `
  WITH request AS (
    SELECT subject, resource_id FROM request WHERE method = 'HoldSeats'
  )
  SELECT format('hold %s of %s has %s', coalesce(reservation_id, resource_id), coalesce(user_id, subject),
    CASE WHEN reservation_id IS NULL THEN 'a request and no reservation' ELSE 'a reservation and no request' END) AS fault
  FROM request FULL JOIN reservation ON reservation_id = resource_id AND user_id = subject
  WHERE reservation_id IS NULL OR resource_id IS NULL`

import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type KnownReservation, latestOfEach } from '../domain/known-reservation.ts'

/** Keeps what was told of reservations, in one statement; what is known to be later stays. */
export async function saveKnownReservations(
  em: EntityManager,
  told: readonly KnownReservation[],
): Promise<void> {
  if (told.length === 0) return
  const reservations = latestOfEach(told)
  await query(em, upsertLater, [
    reservations.map((one) => one.reservationId),
    reservations.map((one) => one.userId),
    reservations.map((one) => one.totalPrice),
    reservations.map((one) => one.state),
    reservations.map((one) => one.heldUntil),
    reservations.map((one) => one.version),
  ])
}

/**
 * Forgets some of the reservations whose hold ended so long ago: reservation refuses them anyway.
 *
 * @returns whether there may be more
 */
export async function forgetReservations(
  em: EntityManager,
  { endedBeforeMs, rowsMax }: { readonly endedBeforeMs: number; readonly rowsMax: number },
): Promise<boolean> {
  const forgotten = await query(em, deleteOldest, [endedBeforeMs, rowsMax])
  return forgotten.length === rowsMax
}

/** In the order of the ids, as a reservation's events are in several partitions, and so in several transactions at once. */
const upsertLater = `
  INSERT INTO known_reservation (reservation_id, user_id, total_price, state, held_until, version)
  SELECT * FROM unnest($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5::timestamptz[], $6::integer[])
    AS told (reservation_id, user_id, total_price, state, held_until, version)
  ORDER BY reservation_id
  ON CONFLICT (reservation_id) DO UPDATE
    SET state = excluded.state, held_until = excluded.held_until, version = excluded.version
    WHERE known_reservation.version < excluded.version`

const deleteOldest = `
  DELETE FROM known_reservation WHERE reservation_id IN (
    SELECT reservation_id FROM known_reservation
    WHERE held_until < now() - $1 * interval '1 ms'
    ORDER BY held_until LIMIT $2
    FOR UPDATE SKIP LOCKED
  )
  RETURNING reservation_id`

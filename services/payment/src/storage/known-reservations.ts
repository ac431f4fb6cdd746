import { columns } from '@boxoffice/common/postgres/columns.ts'
import { query, write } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import { type KnownReservation, latestOfEach } from '../domain/known-reservation.ts'

/** Saves what was published of reservations in one statement. A later version that is stored already stays. */
export async function saveKnownReservations(
  em: EntityManager,
  published: readonly KnownReservation[],
): Promise<void> {
  if (published.length === 0) return
  await write(em, upsertLater, known.values(latestOfEach(published)))
}

/**
 * Forgets some of the reservations whose hold ended that long ago. Reservation refuses checkouts for them anyway.
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

const known = columns<KnownReservation>({
  reservation_id: ['uuid', ({ reservationId }) => reservationId],
  user_id: ['text', ({ userId }) => userId],
  total_price: ['bigint', ({ totalPrice }) => totalPrice],
  state: ['text', ({ state }) => state],
  held_until: ['timestamptz', ({ heldUntil }) => heldUntil],
  version: ['integer', ({ version }) => version],
})

/** In the order of the ids: events of a reservation are in several partitions, and so in concurrent transactions. */
const upsertLater = `
  INSERT INTO known_reservation (${known.names})
  SELECT * FROM ${known.unnest('published')}
  ORDER BY reservation_id
  ON CONFLICT (reservation_id) DO UPDATE
    SET state = excluded.state, held_until = excluded.held_until, version = excluded.version
    WHERE known_reservation.version < excluded.version`

const deleteOldest = `
  DELETE FROM known_reservation WHERE reservation_id = ANY(ARRAY(
    SELECT reservation_id FROM known_reservation
    WHERE held_until < now() - $1 * interval '1 ms'
    ORDER BY held_until LIMIT $2
    FOR UPDATE SKIP LOCKED
  ))
  RETURNING reservation_id`

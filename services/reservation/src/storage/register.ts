import { type EntityManager, LockMode } from '@mikro-orm/postgresql'
import type { Confirmation, Decision, LockedReservation } from '../domain/confirm-seats.ts'
import { ConfirmationEntity, ReservationEntity } from './entities.ts'
import { lockOwnSeats } from './lock-seats.ts'
import { readClock } from './read-clock.ts'
import { sellSeats } from './sell-seats.ts'

/** The reservations and confirmations that a transaction works on, as they stand inside it. */
export interface Register {
  readonly reservations: Map<string, LockedReservation>
  readonly confirmations: Map<string, Confirmation>
  /** The database's clock, read after all locks. */
  readonly now: Date
  /** What was decided, in order; only what changes something. */
  readonly decisions: Decision[]
}

/** Loads and locks reservations in the order of their ids, then their seats in the order of the map. */
export async function lockRegister(
  em: EntityManager,
  reservationIds: readonly string[],
  paymentIds: readonly string[],
): Promise<Register> {
  const reservations = await em.find(
    ReservationEntity,
    { reservationId: { $in: [...new Set(reservationIds)] } },
    { lockMode: LockMode.PESSIMISTIC_WRITE, orderBy: { reservationId: 'asc' } },
  )
  const held = reservations.filter(({ state }) => state === 'HELD')
  const owners = await lockOwnSeats(em, held)
  // Read after the locks: whoever decided on one of these payments has committed by now.
  const confirmations = await em.find(ConfirmationEntity, { paymentId: { $in: [...new Set(paymentIds)] } })
  return {
    reservations: new Map(
      reservations.map((reservation) => [
        reservation.reservationId,
        { reservation, ownsItsSeats: owners.has(reservation.reservationId) },
      ]),
    ),
    confirmations: new Map(confirmations.map((confirmation) => [confirmation.paymentId, confirmation])),
    now: await readClock(em),
    decisions: [],
  }
}

/** Takes a decision into the register, so that the next one sees it. */
export function record(register: Register, decision: Decision): void {
  const { confirmation, sold } = decision
  if (register.confirmations.get(confirmation.paymentId) === confirmation) return
  register.decisions.push(decision)
  register.confirmations.set(confirmation.paymentId, confirmation)
  if (sold !== undefined) {
    register.reservations.set(sold.reservationId, { reservation: sold, ownsItsSeats: true })
  }
}

/** Writes what was decided: one statement a table, whatever the number of rows. */
export async function saveRegister(em: EntityManager, register: Register): Promise<void> {
  const sold = register.decisions.flatMap((decision) => decision.sold ?? [])
  for (const { reservationId, state, paymentId, version } of sold) {
    em.assign(em.getReference(ReservationEntity, reservationId), { state, paymentId, version })
  }
  for (const { confirmation } of register.decisions) em.create(ConfirmationEntity, confirmation)
  await em.flush()
  await sellSeats(em, sold)
}

import type { Confirmation } from './confirm-seats.ts'
import type { Reservation } from './reservation.ts'

/** The stored reservations and confirmations that published facts are about. */
export interface KnownReservations {
  /** By reservation id. */
  readonly reservations: ReadonlyMap<string, Reservation>
  /** By payment id. */
  readonly confirmations: ReadonlyMap<string, Confirmation>
}

/** A published fact: a reservation as it was then, and the decision for a payment if the event was an answer. */
export interface ReservationFact {
  /** Undefined if the event had none. */
  readonly reservation: Reservation | undefined
  readonly confirmation: Confirmation | undefined
}

/** The rows to write so that the database knows what was published. */
export interface RestoredReservations {
  readonly reservations: readonly Reservation[]
  readonly confirmations: readonly Confirmation[]
  /** The number of facts that were not stored. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Applies published facts, in the order of time, to what is stored. The later version of a reservation counts, and a
 * sale in any case. The first of several answers for one payment counts, because payment has acted on it.
 */
export function restoreReservations(
  known: KnownReservations,
  facts: readonly ReservationFact[],
): RestoredReservations {
  const reservations = new Map<string, Reservation>()
  const confirmations = new Map<string, Confirmation>()
  const answered = new Set<string>()
  const contradictions: string[] = []
  let applied = 0
  for (const { reservation, confirmation } of facts) {
    let isNew = false
    if (reservation !== undefined) {
      const id = reservation.reservationId
      const before = reservations.get(id) ?? known.reservations.get(id)
      if (isLater(reservation, before)) {
        reservations.set(id, reservation)
        isNew = true
      }
    }
    if (confirmation !== undefined && !answered.has(confirmation.paymentId)) {
      const { paymentId } = confirmation
      answered.add(paymentId)
      const before = known.confirmations.get(paymentId)
      if (before === undefined || (before.refusal !== null && confirmation.refusal === null)) {
        confirmations.set(paymentId, confirmation)
        isNew = true
      } else if (before.refusal === null && confirmation.refusal !== null) {
        contradictions.push(
          `payment ${paymentId} was refused its seats (${confirmation.refusal}), which were sold to it all the same`,
        )
        continue
      }
    }
    if (isNew) applied += 1
  }
  return {
    reservations: [...reservations.values()],
    confirmations: [...confirmations.values()],
    applied,
    contradictions,
  }
}

function isLater(published: Reservation, known: Reservation | undefined): boolean {
  if (known === undefined) return true
  if (known.state === 'SOLD') return false
  return published.version > known.version || published.state === 'SOLD'
}

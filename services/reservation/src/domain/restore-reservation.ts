import type { Confirmation } from './confirm-seats.ts'
import type { Reservation } from './reservation.ts'

/** What the database knows of some reservations and of the payments for them. */
export interface KnownReservations {
  /** By their ids. */
  readonly reservations: ReadonlyMap<string, Reservation>
  /** By payment. */
  readonly confirmations: ReadonlyMap<string, Confirmation>
}

/** Something that was published: a reservation as it stood then, and what was decided for a payment, if it was an answer. */
export interface ReservationFact {
  /** Undefined if there was none. */
  readonly reservation: Reservation | undefined
  readonly confirmation: Confirmation | undefined
}

/** What has to be written so that the database knows what was published. */
export interface RestoredReservations {
  readonly reservations: readonly Reservation[]
  readonly confirmations: readonly Confirmation[]
  /** Facts that were not known. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Takes what was published, in the order of time, over what is known: of a reservation the later version, and a sale in any
 * case; of several answers for one payment the first, because everybody has acted on it.
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

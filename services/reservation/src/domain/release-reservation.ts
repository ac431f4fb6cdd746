import { type Reservation, statusAt } from './reservation.ts'

export type Release =
  | { readonly outcome: 'RELEASED'; readonly reservation: Reservation }
  /** The seats were given back before, or the hold has lapsed. */
  | { readonly outcome: 'UNCHANGED' }
  /** Sold seats stay sold. */
  | { readonly outcome: 'SOLD' }

/** Gives held seats back: the hold ends now. */
export function releaseReservation(reservation: Reservation, now: Date): Release {
  switch (statusAt(reservation, now)) {
    case 'HELD':
      return {
        outcome: 'RELEASED',
        reservation: { ...reservation, state: 'RELEASED', heldUntil: now, version: reservation.version + 1 },
      }
    case 'SOLD':
      return { outcome: 'SOLD' }
    case 'RELEASED':
    case 'EXPIRED':
      return { outcome: 'UNCHANGED' }
  }
}

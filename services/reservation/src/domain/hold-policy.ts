/** How much of a hall one user may take. */
export interface HoldPolicy {
  /** Seats of one concert that a user holds or has bought. */
  readonly seatsPerUserMax: number
  /** Holds of a user that have not ended, over all concerts. */
  readonly openHoldsMax: number
  /** How long after the end of a hold its user may not hold the same seats; others may at once. */
  readonly pauseMs: number
}

/** What a user has, read under the user's lock. */
export interface Holdings {
  /** Seats of the concert that the user holds or has bought. */
  readonly seats: number
  /** Holds that have not ended, over all concerts. */
  readonly openHolds: number
  /** When the user's last hold of one of the wanted seats ended; null if there was none, or it ended before the pause. */
  readonly lastEnd: Date | null
}

export type HoldRefusal =
  /** So many seats may still be held; fewer than were wanted. */
  | { readonly outcome: 'TOO_MANY_SEATS'; readonly seatsPerUserMax: number; readonly seatsLeft: number }
  | { readonly outcome: 'TOO_MANY_HOLDS'; readonly openHoldsMax: number }
  /** The user may hold the seats again after so long. */
  | { readonly outcome: 'PAUSED'; readonly retryAfterMs: number }

/** Why a user may not hold so many more seats now; undefined if the user may. */
export function refuseHold(
  policy: HoldPolicy,
  holdings: Holdings,
  seatsWanted: number,
  now: Date,
): HoldRefusal | undefined {
  const { seatsPerUserMax, openHoldsMax, pauseMs } = policy
  const seatsLeft = Math.max(0, seatsPerUserMax - holdings.seats)
  if (seatsWanted > seatsLeft) return { outcome: 'TOO_MANY_SEATS', seatsPerUserMax, seatsLeft }
  if (holdings.openHolds >= openHoldsMax) return { outcome: 'TOO_MANY_HOLDS', openHoldsMax }
  if (holdings.lastEnd === null) return undefined
  const retryAfterMs = holdings.lastEnd.getTime() + pauseMs - now.getTime()
  return retryAfterMs > 0 ? { outcome: 'PAUSED', retryAfterMs } : undefined
}

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
  | { readonly outcome: 'TOO_MANY_SEATS'; readonly seatsLeft: number }
  | { readonly outcome: 'TOO_MANY_HOLDS' }
  /** The user may hold the seats again from then on. */
  | { readonly outcome: 'PAUSED'; readonly until: Date }

/** Why a user may not hold so many more seats now; undefined if the user may. */
export function refuseHold(
  policy: HoldPolicy,
  holdings: Holdings,
  seatsWanted: number,
  now: Date,
): HoldRefusal | undefined {
  const seatsLeft = Math.max(0, policy.seatsPerUserMax - holdings.seats)
  if (seatsWanted > seatsLeft) return { outcome: 'TOO_MANY_SEATS', seatsLeft }
  if (holdings.openHolds >= policy.openHoldsMax) return { outcome: 'TOO_MANY_HOLDS' }
  if (holdings.lastEnd === null) return undefined
  const until = new Date(holdings.lastEnd.getTime() + policy.pauseMs)
  return now < until ? { outcome: 'PAUSED', until } : undefined
}

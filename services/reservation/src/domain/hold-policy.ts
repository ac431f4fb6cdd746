/** The limits of what one user may hold. */
export interface HoldPolicy {
  /** The number of seats of one concert that a user may hold or buy. */
  readonly seatsPerUserMax: number
  /** The number of a user's open holds, over all concerts. */
  readonly openHoldsMax: number
  /** How long a user must wait after the end of a hold to hold the same seats again. Other users need not wait. */
  readonly pauseMs: number
}

/** What a user holds and has bought, read under the user's lock. */
export interface Holdings {
  /** The number of seats of the concert that the user holds or has bought. */
  readonly seats: number
  /** The number of open holds, over all concerts. */
  readonly openHolds: number
  /** The end of the user's last hold of one of the wanted seats; null if it had none, or it ended before the pause. */
  readonly lastEnd: Date | null
}

export type HoldRefusal =
  /** The user may hold fewer seats than were wanted: `seatsLeft`. */
  | { readonly outcome: 'TOO_MANY_SEATS'; readonly seatsPerUserMax: number; readonly seatsLeft: number }
  | { readonly outcome: 'TOO_MANY_HOLDS'; readonly openHoldsMax: number }
  /** The user may hold the seats again after this time. */
  | { readonly outcome: 'PAUSED'; readonly retryAfterMs: number }

/** The reason why a user may not hold that many more seats now; undefined if the user may. */
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

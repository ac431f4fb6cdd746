import { ApiError, apiError, Code, ErrorReason, reasonName } from '@boxoffice/common/status/errors.ts'
import type { RefusedHold } from '../domain/hold-seats.ts'

/** The error of a refused hold, for its caller: the reason, and what the caller may still hold. */
export function refusalOf(refused: RefusedHold): ApiError {
  switch (refused.outcome) {
    case 'NOT_FOUND':
      return apiError(Code.NOT_FOUND, ErrorReason.SEAT_NOT_FOUND, 'The concert has no seat of that name', {
        seats: refused.seats.join(','),
      })
    case 'UNAVAILABLE':
      return notNow(
        ErrorReason.SEAT_UNAVAILABLE,
        'Some of these seats are held or sold; none was held for you',
        { seats: refused.seats.join(',') },
      )
    case 'TOO_MANY_SEATS': {
      const { seatsPerUserMax, seatsLeft } = refused
      return notNow(
        ErrorReason.SEAT_LIMIT_REACHED,
        `One user may hold or buy ${seatsPerUserMax} seats of this concert; you may hold ${seatsLeft} more`,
        { seats_per_user_max: String(seatsPerUserMax), seats_left: String(seatsLeft) },
      )
    }
    case 'TOO_MANY_HOLDS': {
      const { openHoldsMax } = refused
      return notNow(
        ErrorReason.HOLD_LIMIT_REACHED,
        `One user may have ${openHoldsMax} open holds; pay for one or give it back first`,
        { open_holds_max: String(openHoldsMax), holds_left: '0' },
      )
    }
    case 'PAUSED': {
      const { retryAfterMs } = refused
      const seconds = Math.ceil(retryAfterMs / 1_000)
      return new ApiError({
        code: Code.FAILED_PRECONDITION,
        reason: reasonName(ErrorReason.HOLD_PAUSED),
        message: `Your last hold of these seats has ended; you may hold them again in ${seconds} s`,
        metadata: { retry_after_seconds: String(seconds) },
        retryAfterMs,
      })
    }
  }
}

function notNow(reason: ErrorReason, message: string, metadata: Readonly<Record<string, string>>): ApiError {
  return apiError(Code.FAILED_PRECONDITION, reason, message, metadata)
}

import { type ApiError, apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'

/** The same error for a missing reservation and for another user's, so that callers cannot probe which ids exist. */
export function reservationNotFound(reservationId: string): ApiError {
  return apiError(
    Code.NOT_FOUND,
    ErrorReason.RESERVATION_NOT_FOUND,
    `You have no reservation ${reservationId}`,
  )
}

import { type ApiError, apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'

/** The same for one that does not exist and for one of somebody else: nobody can find out which ids are in use. */
export function reservationNotFound(reservationId: string): ApiError {
  return apiError(
    Code.NOT_FOUND,
    ErrorReason.RESERVATION_NOT_FOUND,
    `You have no reservation ${reservationId}`,
  )
}

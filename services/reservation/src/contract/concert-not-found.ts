import { type ApiError, apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'

export function concertNotFound(concertId: string): ApiError {
  return apiError(Code.NOT_FOUND, ErrorReason.CONCERT_NOT_FOUND, `There is no concert ${concertId}`)
}

import { type ApiError, apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import type { CheckoutRefusal } from '../domain/payment.ts'

/** The error that a refused checkout returns to its caller. */
export function checkoutRefused({ reason, totalPrice }: CheckoutRefusal, reservationId: string): ApiError {
  switch (reason) {
    case 'RESERVATION_NOT_FOUND':
      return apiError(
        Code.NOT_FOUND,
        ErrorReason.RESERVATION_NOT_FOUND,
        `There is no reservation ${reservationId}`,
      )
    case 'RESERVATION_IN_PAYMENT':
      return apiError(
        Code.FAILED_PRECONDITION,
        ErrorReason.RESERVATION_IN_PAYMENT,
        `a payment for reservation ${reservationId} is under way or has completed`,
      )
    case 'HOLD_EXPIRED':
      return apiError(
        Code.FAILED_PRECONDITION,
        ErrorReason.HOLD_EXPIRED,
        `The hold of reservation ${reservationId} has lapsed, or its seats were given back`,
      )
    case 'AMOUNT_MISMATCH':
      return apiError(
        Code.FAILED_PRECONDITION,
        ErrorReason.AMOUNT_MISMATCH,
        `Reservation ${reservationId} costs ${totalPrice} points`,
        { total_price: String(totalPrice) },
      )
  }
}

import type { PaymentSummary } from '../../../src/contract/answers.ts'
import { isRefusal, type Send } from './keep-request-ids.ts'

/** A purchase of seats. Finished steps are kept: a retry continues after them. */
export interface Purchase {
  readonly seats: readonly string[]
  readonly amount: string
  /**
   * Holds the seats, unless they are held already, and checks out. Reports each step to `say`.
   *
   * @returns the payment's id
   * @throws RequestError
   */
  pay(say: (text: string) => void): Promise<string>
  /** Releases the hold. If its answer was lost, asks for the hold once more to learn its id. @throws RequestError */
  giveBack(): Promise<void>
  /** Whether the purchase cannot continue after this error: the seats were refused, or could not be given back. */
  isOver(error: unknown): boolean
}

export function startPurchase(
  send: Send,
  wanted: { readonly concertId: string; readonly seats: readonly string[]; readonly amount: string },
): Purchase {
  const { concertId, seats, amount } = wanted
  let reservationId: string | undefined

  async function hold(): Promise<string> {
    reservationId ??= (
      await send<{ reservation: { reservationId: string } }>('/api/holds', { concertId, seats })
    ).reservation.reservationId
    return reservationId
  }

  return {
    seats,
    amount,
    async pay(say) {
      say('Holding the seats …')
      const checkout = { reservationId: await hold(), amount }
      say('Checking out …')
      return (await send<{ payment: PaymentSummary }>('/api/checkouts', checkout)).payment.paymentId
    },
    async giveBack() {
      await send(`/api/holds/${await hold()}/release`).catch((error) => {
        // The seats are sold or belong to another user: this purchase no longer holds them.
        if (isRefusal(error)) reservationId = undefined
        throw error
      })
    },
    isOver: (error) => reservationId === undefined && isRefusal(error),
  }
}

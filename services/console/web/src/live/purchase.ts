import type { PaymentSummary } from '../../../src/contract/answers.ts'
import { isRefusal, type Send } from './keep-request-ids.ts'

/** Seats that somebody is buying. What has been reached stays: trying again goes on from there. */
export interface Purchase {
  readonly seats: readonly string[]
  readonly amount: string
  /**
   * Holds the seats, unless that is done, and checks out; says what it does.
   *
   * @returns the payment's id
   * @throws RequestError
   */
  pay(say: (text: string) => void): Promise<string>
  /** Also if the answer to the hold was lost: it is asked for once more, to know what to give back. @throws RequestError */
  giveBack(): Promise<void>
  /** Whether there is nothing to go on with after this error: the seats were refused, or could not be given back. */
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
        // They are sold, or somebody else's: not held any more.
        if (isRefusal(error)) reservationId = undefined
        throw error
      })
    },
    isOver: (error) => reservationId === undefined && isRefusal(error),
  }
}

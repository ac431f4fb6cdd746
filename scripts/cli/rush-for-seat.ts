import { randomUUID } from 'node:crypto'
import { RemoteError } from '@boxoffice/common/status/errors.ts'
import { PaymentStatusSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { type Buyer, chargeCrowd, signInCrowd } from './crowd.ts'
import { enumName } from './enum-name.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Session } from './session.ts'

export interface RushTarget {
  readonly concertId: string
  readonly seat: string
  readonly price: bigint
}

export interface RushResult {
  /** The buyers of the seat; if it is more than one, the system is broken. */
  readonly sold: readonly string[]
  /** The number of refused buyers, by reason. */
  readonly refused: ReadonlyMap<string, number>
  /** Other outcomes: neither sold nor refused. */
  readonly failed: readonly string[]
  readonly holdMs: readonly number[]
  readonly checkoutMs: readonly number[]
}

const chargesAtOnce = 32
const deadlineMs = 30_000

/** Lets new users charge the price and try to hold one seat at the same moment; the user who holds it pays. */
export async function rushForSeat(session: Session, target: RushTarget, count: number): Promise<RushResult> {
  const bar = createProgressBar()
  const tally = { sold: [] as string[], refused: new Map<string, number>(), failed: [] as string[] }
  const holdMs: number[] = []
  const checkoutMs: number[] = []
  const fail = (error: unknown): void => {
    session.signal.throwIfAborted()
    if (error instanceof RemoteError && error.reason !== '' && error.reason !== 'NOT_READY') {
      tally.refused.set(error.reason, (tally.refused.get(error.reason) ?? 0) + 1)
    } else tally.failed.push(error instanceof Error ? error.message : String(error))
  }
  try {
    const buyers = await signInCrowd(session, 'rush', count)
    bar.begin('charging', count)
    const charge = { amount: target.price, atOnce: chargesAtOnce, deadlineMs, onCharged: bar.step }
    await chargeCrowd(session, buyers, charge)
    bar.end()
    bar.begin('holding', count)
    const holds = await Promise.all(
      buyers.map(async (buyer) => {
        const startedAt = performance.now()
        const reservation = await hold(session, buyer, target).catch(fail)
        holdMs.push(performance.now() - startedAt)
        bar.step()
        return { buyer, reservation }
      }),
    )
    bar.end()
    for (const { buyer, reservation } of holds) {
      if (!reservation) continue
      const startedAt = performance.now()
      const outcome = await pay(session, buyer, reservation).catch(fail)
      checkoutMs.push(performance.now() - startedAt)
      if (outcome === 'COMPLETED') tally.sold.push(buyer.user)
      else if (outcome !== undefined) tally.failed.push(`the payment of ${buyer.user} is ${outcome}`)
    }
    return { ...tally, holdMs, checkoutMs }
  } finally {
    bar.end()
  }
}

async function hold(
  session: Session,
  { metadata }: Buyer,
  { concertId, seat }: RushTarget,
): Promise<Reservation | undefined> {
  const request = { requestId: randomUUID(), concertId, seats: [seat] }
  const options = { metadata, deadlineMs, signal: session.signal }
  return (await session.anonymous.reservation().holdSeats(request, options)).reservation
}

async function pay(
  session: Session,
  { metadata }: Buyer,
  { reservationId, totalPrice }: Reservation,
): Promise<string | undefined> {
  const wait = { seconds: 25n, nanos: 0 }
  const request = { requestId: randomUUID(), reservationId, amount: totalPrice, wait }
  const { payment } = await session.anonymous
    .payment()
    .checkout(request, { metadata, deadlineMs, signal: session.signal })
  return payment === undefined ? undefined : enumName(PaymentStatusSchema, payment.status)
}

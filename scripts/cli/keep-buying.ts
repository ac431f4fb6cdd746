import { randomUUID } from 'node:crypto'
import { RemoteError } from '@boxoffice/common/status/errors.ts'
import { pause } from '@boxoffice/pacing'
import { type Seat, SeatStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { type Buyer, chargeCrowd, signInCrowd } from './crowd.ts'
import { findConcert, listSeats } from './find-concert.ts'
import { createProgressBar } from './progress-bar.ts'
import type { Session } from './session.ts'

export interface LoadOptions {
  /** Checkouts per second. */
  readonly rate: number
  readonly durationMs: number
}

export interface LoadResult {
  readonly accepted: number
  /** The number of refused calls, by reason. */
  readonly refused: Readonly<Record<string, number>>
  /** The number of calls without an answer. */
  readonly failed: number
  /** The number of checkouts that did not begin, because too many were waiting for their answers. */
  readonly skipped: number
  /** The times of the calls that accepted a payment. */
  readonly checkoutMs: readonly number[]
}

interface Tally {
  accepted: number
  readonly refused: Record<string, number>
  failed: number
  skipped: number
  readonly checkoutMs: number[]
}

/**
 * The purchases of one buyer. With the service's defaults, none reaches the limits of seats and open holds per user.
 */
const purchasesEach = 4
const pointsEach = 100_000n
const inFlightMax = 200
const deadlineMs = 10_000
/** One of this many buyers releases the seats right after the checkout is accepted, so that its points come back. */
const giveBackEvery = 10
/** One of this many purchases is by a user without a wallet. */
const poorEvery = 25

/** Lets users buy seats at a steady rate, independent of the answers, until the time is over. */
export async function keepBuying(session: Session, { rate, durationMs }: LoadOptions): Promise<LoadResult> {
  const tally: Tally = { accepted: 0, refused: {}, failed: 0, skipped: 0, checkoutMs: [] }
  const nextBuyer = buyersInTurn(session)
  const seats = freeSeats(session)
  const bar = createProgressBar()
  const total = Math.floor((rate * durationMs) / 1_000)
  const inFlight = new Set<Promise<void>>()
  const startedAt = performance.now()
  bar.begin('buying', total)
  try {
    for (let nth = 0; nth < total && !session.signal.aborted; nth++) {
      const waitMs = startedAt + (nth * 1_000) / rate - performance.now()
      if (waitMs > 0) await pause(waitMs, session.signal)
      bar.reach(nth + 1)
      if (inFlight.size >= inFlightMax) {
        tally.skipped += 1
        continue
      }
      const { concertId, seat } = await seats.next()
      const buyer = nth % poorEvery === poorEvery - 1 ? signIn(session) : nextBuyer()
      const givesBack = nth % giveBackEvery === giveBackEvery - 1
      const wanted = { concertId, seat: seat.seat, amount: seat.price, givesBack }
      const bought = buy(session, buyer, wanted, tally).finally(() => inFlight.delete(bought))
      inFlight.add(bought)
    }
    await Promise.all(inFlight)
    return tally
  } finally {
    bar.end()
  }
}

async function buy(
  session: Session,
  buyer: Promise<Buyer>,
  wanted: { concertId: string; seat: string; amount: bigint; givesBack: boolean },
  tally: Tally,
): Promise<void> {
  const { concertId, seat, amount, givesBack } = wanted
  try {
    const options = { metadata: (await buyer).metadata, deadlineMs, signal: session.signal }
    const hold = { requestId: randomUUID(), concertId, seats: [seat] }
    const { reservation } = await session.anonymous.reservation().holdSeats(hold, options)
    const startedAt = performance.now()
    const { reservationId = '' } = reservation ?? {}
    const checkout = { requestId: randomUUID(), reservationId, amount }
    await session.anonymous.payment().checkout(checkout, options)
    tally.checkoutMs.push(performance.now() - startedAt)
    tally.accepted += 1
    const release = { requestId: randomUUID(), reservationId }
    if (givesBack) await session.anonymous.reservation().releaseReservation(release, options)
  } catch (error) {
    if (session.signal.aborted) return
    const reason = error instanceof RemoteError ? error.reason : ''
    if (reason === '' || reason === 'NOT_READY') tally.failed += 1
    else tally.refused[reason] = (tally.refused[reason] ?? 0) + 1
  }
}

/** Returns the buyer of each purchase: one user makes `purchasesEach` in a row, with points for all of them. */
function buyersInTurn(session: Session): () => Promise<Buyer> {
  let left = 0
  let buyer: Promise<Buyer> | undefined
  return () => {
    if (buyer === undefined || left === 0) {
      left = purchasesEach
      buyer = signIn(session, pointsEach)
      // If the sign-in fails, each purchase of the buyer fails and is counted.
      buyer.catch(() => undefined)
    }
    left -= 1
    return buyer
  }
}

/** Signs in a new user, without a wallet unless it gets points. */
async function signIn(session: Session, points = 0n): Promise<Buyer> {
  const [buyer] = await signInCrowd(session, 'load', 1)
  if (buyer === undefined) throw new Error('no buyer was signed in')
  if (points > 0n) await chargeCrowd(session, [buyer], { amount: points, atOnce: 1, deadlineMs })
  return buyer
}

/** Returns free seats, each once: first those of the newest concert, then of new concerts, created as needed. */
function freeSeats(session: Session): { next(): Promise<{ concertId: string; seat: Seat }> } {
  let concertId: string | undefined
  let left: Seat[] = []
  return {
    async next() {
      while (true) {
        const seat = left.shift()
        if (seat !== undefined && concertId !== undefined) return { concertId, seat }
        concertId = concertId === undefined ? await anyConcert(session) : await newConcert(session)
        left = (await listSeats(session, concertId)).filter(({ status }) => status === SeatStatus.AVAILABLE)
      }
    },
  }
}

async function anyConcert(session: Session): Promise<string> {
  return await findConcert(session, undefined).then(
    (concert) => concert.concertId,
    () => newConcert(session),
  )
}

async function newConcert(session: Session): Promise<string> {
  const token = await session.sign({ subject: 'load', roles: ['admin'], validForSeconds: 60 })
  const request = {
    requestId: randomUUID(),
    title: `On tour, ${new Date().toISOString().slice(0, 16).replace('T', ' ')}`,
    startTime: { seconds: BigInt(Date.UTC(2030, 6, 1, 20) / 1_000), nanos: 0 },
    sections: [
      { name: 'A', rows: 20, seatsPerRow: 40, price: 9_000n },
      { name: 'B', rows: 40, seatsPerRow: 40, price: 6_000n },
    ],
  }
  const options = { metadata: { authorization: `Bearer ${token}` }, deadlineMs }
  const { concert } = await session.anonymous.reservation().createConcert(request, options)
  if (concert === undefined) throw new Error('the answer holds no concert')
  return concert.concertId
}

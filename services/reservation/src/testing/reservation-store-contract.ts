import { randomUUID } from 'node:crypto'
import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import { expect } from 'chai'
import { confirmSeats } from '../domain/confirm-seats.ts'
import { releaseReservation } from '../domain/release-reservation.ts'
import type { Reservation } from '../domain/reservation.ts'
import { holdMethod } from '../storage/hold-method.ts'
import { record } from '../storage/register.ts'
import type { ReservationStore } from '../storage/reservation-store.ts'

/** A store that is open. */
export interface OpenStore<Tx> extends Pick<Transactions<Tx>, 'transaction'> {
  readonly store: ReservationStore<Tx>
  /** Creates a concert with the seats A-1-1 to A-1-4 for 100 points each; one user may have all. Returns its id. */
  createConcert(): Promise<string>
  close(): Promise<void>
}

/** The contract suite of reservation stores, on PostgreSQL and in memory. */
export function reservationStoreContract<Tx>(name: string, open: () => Promise<OpenStore<Tx>>): void {
  describe(`the store of reservations ${name}`, () => {
    let opened: OpenStore<Tx>
    let concertId: string
    before(async () => {
      opened = await open()
    })
    after(() => opened.close())
    beforeEach(async () => {
      concertId = await opened.createConcert()
    })

    const wanted = (...seats: string[]) => ({ userId: 'ada', requestId: randomUUID(), concertId, seats })
    const inStore = <Result>(work: (store: ReservationStore<Tx>, tx: Tx) => Promise<Result>) =>
      opened.transaction((tx) => work(opened.store, tx))
    const hold = async (seats: readonly string[], changes: Partial<Reservation> = {}) => {
      const reservation = reservationOf(concertId, seats, changes)
      await inStore((store, tx) => store.insertHolds(tx, [reservation]))
      return reservation
    }
    const register = ({ reservationId }: Reservation, paymentId = randomUUID()) =>
      inStore((store, tx) => store.lockRegister(tx, [reservationId], [paymentId]))

    it('gives a new reservation its seats, and shows them as taken', async () => {
      const held = await hold(['A-1-2', 'A-1-3'])
      const seats = await inStore((store, tx) =>
        store.lockSeats(tx, [wanted('A-1-3', 'A-1-1'), wanted('B-9-9')]),
      )
      const free = { concertId, price: 100n, sold: false, heldUntil: null }
      expect(
        seats.map(({ concertId, seat, price, sold, heldUntil }) => ({
          concertId,
          seat,
          price,
          sold,
          heldUntil,
        })),
      ).to.deep.equal([
        { ...free, seat: 'A-1-1' },
        { ...free, seat: 'A-1-3', heldUntil: held.heldUntil },
      ])
      const known = wanted('A-1-2')
      await inStore((store, tx) => store.rememberRequests(tx, [requestOf(known)]))
      const asked = [wanted('A-1-1', 'A-1-2', 'A-1-3'), wanted('A-1-4'), wanted('A-1-2', 'B-9-9'), known]
      const taken = await inStore((store, tx) => store.findTakenSeats(tx, asked))
      expect(taken).to.deep.equal([['A-1-2', 'A-1-3'], [], [], []])
      const found = await inStore((store, tx) =>
        store.findReservations(tx, [held.reservationId, randomUUID()]),
      )
      expect([...found.keys()]).to.deep.equal([held.reservationId])
    })

    it('refuses a hold of a seat that is not free, and stores nothing of it', async () => {
      await hold(['A-1-2'])
      expect(await hold(['A-1-1', 'A-1-2']).catch(() => 'refused')).to.equal('refused')
      const [taken] = await inStore((store, tx) => store.findTakenSeats(tx, [wanted('A-1-1')]))
      expect(taken).to.deep.equal([])
    })

    it('gives a seat whose hold has lapsed to another reservation', async () => {
      const lapsed = await hold(['A-1-1'], { heldUntil: new Date(Date.now() - 1_000) })
      const next = await hold(['A-1-1'])
      expect((await register(lapsed)).reservations.get(lapsed.reservationId)?.ownsItsSeats).to.equal(false)
      expect((await register(next)).reservations.get(next.reservationId)?.ownsItsSeats).to.equal(true)
    })

    it('reads the holdings of a user, remembered requests and the limit of the concert', async () => {
      const userId = randomUUID()
      const [bought, ended] = [await hold(['A-1-1'], { userId }), await hold(['A-1-2'], { userId })]
      await sell(bought, randomUUID())
      const { heldUntil: lastEnd } = await release(ended)
      await hold(['A-1-3', 'A-1-4'], { userId })
      const asked = [
        { ...wanted('A-1-2'), userId },
        { ...wanted('A-1-3'), userId },
        { ...wanted('A-1-1'), userId, concertId: randomUUID() },
      ]
      await inStore((store, tx) => store.rememberRequests(tx, asked.slice(0, 1).map(requestOf)))
      const { found } = await inStore((store, tx) => store.readHoldings(tx, asked, 60_000))
      expect(found.map(({ holdings }) => holdings)).to.deep.equal([
        { seats: 3, openHolds: 1, lastEnd },
        { seats: 3, openHolds: 1, lastEnd: null },
        { seats: 0, openHolds: 1, lastEnd: null },
      ])
      expect(found.map(({ seatsPerUserMax }) => seatsPerUserMax)).to.deep.equal([4, 4, undefined])
      expect(
        found.map(({ fingerprint }) => fingerprint && Buffer.from(fingerprint).toString()),
      ).to.deep.equal(['one', undefined, undefined])
    })

    it('finds the reservations and confirmations with the given ids, and no others', async () => {
      const held = await hold(['A-1-1'])
      await hold(['A-1-2'])
      const { reservations, confirmations, decisions } = await register(held)
      expect([...reservations.values()]).to.deep.equal([{ reservation: held, ownsItsSeats: true }])
      expect([confirmations.size, decisions.length]).to.deep.equal([0, 0])
    })

    it('stores a sale, and the decision for its payment', async () => {
      const [held, paymentId] = [await hold(['A-1-1', 'A-1-2']), randomUUID()]
      await sell(held, paymentId)
      const { reservations, confirmations } = await register(held, paymentId)
      expect(reservations.get(held.reservationId)?.reservation).to.deep.equal({
        ...held,
        state: 'SOLD',
        paymentId,
        version: 2,
      })
      expect(confirmations.get(paymentId)).to.include({ reservationId: held.reservationId, refusal: null })
      const [seat] = await inStore((store, tx) => store.lockSeats(tx, [wanted('A-1-1')]))
      expect(seat?.sold).to.equal(true)
    })

    it('refuses a second decision for a payment, and seats that have passed to another reservation', async () => {
      const [first, lapsed] = [
        await hold(['A-1-1']),
        await hold(['A-1-2'], { heldUntil: new Date(Date.now() - 1_000) }),
      ]
      await hold(['A-1-2'])
      const paymentId = randomUUID()
      await sell(first, paymentId)
      const again = {
        paymentId,
        reservationId: lapsed.reservationId,
        refusal: 'RELEASED',
        decidedAt: new Date(),
      } as const
      const twice = inStore(async (store, tx) => {
        const locked = await store.lockRegister(tx, [], [])
        record(locked, { confirmation: again, sold: undefined })
        await store.saveRegister(tx, locked)
      })
      expect(await twice.catch(() => 'refused')).to.equal('refused')
      const other = { ...again, paymentId: randomUUID(), refusal: null }
      const sold = { ...lapsed, state: 'SOLD', paymentId: other.paymentId, version: 2 } as const
      const stolen = inStore(async (store, tx) => {
        const locked = await store.lockRegister(tx, [lapsed.reservationId], [other.paymentId])
        record(locked, { confirmation: other, sold })
        await store.saveRegister(tx, locked)
      })
      expect(await stolen.catch(() => 'refused')).to.equal('refused')
      expect((await register(lapsed, other.paymentId)).confirmations.size).to.equal(0)
    })

    it('finds a reservation only for its holder, and frees its seats when it is given back', async () => {
      const held = await hold(['A-1-1'])
      const { reservationId, userId } = held
      const other = await inStore((store, tx) =>
        store.lockOwnReservation(tx, { reservationId, userId: 'bob' }),
      )
      expect(other).to.equal(undefined)
      const own = await inStore((store, tx) => store.lockOwnReservation(tx, { reservationId, userId }))
      expect(own?.reservation).to.include({ reservationId, state: 'HELD', version: 1 })
      await release(held)
      const [taken] = await inStore((store, tx) => store.findTakenSeats(tx, [wanted('A-1-1')]))
      expect(taken).to.deep.equal([])
      const { reservations } = await register(held)
      expect(reservations.get(reservationId)?.reservation).to.include({ state: 'RELEASED', version: 2 })
    })

    function sell(
      { reservationId, userId, totalPrice: amount }: Reservation,
      paymentId: string,
    ): Promise<void> {
      return inStore(async (store, tx) => {
        const locked = await store.lockRegister(tx, [reservationId], [paymentId])
        const request = { paymentId, reservationId, userId, amount }
        record(locked, confirmSeats(locked.reservations.get(reservationId), undefined, request, locked.now))
        await store.saveRegister(tx, locked)
      })
    }

    function release({ reservationId, userId }: Reservation): Promise<Reservation> {
      return inStore(async (store, tx) => {
        const found = await store.lockOwnReservation(tx, { reservationId, userId })
        const released = found && releaseReservation(found.reservation, found.now)
        if (released?.outcome !== 'RELEASED') throw new Error(`${reservationId} is not held`)
        await store.saveRelease(tx, released.reservation)
        return released.reservation
      })
    }
  })
}

function reservationOf(
  concertId: string,
  seats: readonly string[],
  changes: Partial<Reservation>,
): Reservation {
  return {
    reservationId: randomUUID(),
    userId: 'ada',
    concertId,
    seats,
    totalPrice: BigInt(100 * seats.length),
    state: 'HELD',
    heldUntil: new Date(Date.now() + 60_000),
    paymentId: null,
    version: 1,
    createdAt: new Date(),
    ...changes,
  }
}

function requestOf({ userId, requestId }: { readonly userId: string; readonly requestId: string }) {
  const fingerprint = Buffer.from('one')
  return { subject: userId, method: holdMethod, requestId, fingerprint, resourceId: randomUUID() }
}

import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { Code } from '@boxoffice/common/status/errors.ts'
import { refusalOf } from '@boxoffice/common/testing/refusal.ts'
import {
  ReservationStatus,
  SeatStatusSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('HoldSeats', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('holds all of the seats for their total price until the hold lapses', async () => {
    const concertId = await service.createConcert({ rows: 2, seatsPerRow: 2, price: 250n })
    const before = Date.now()
    const { reservation } = await service
      .as('alice')
      .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-2-1', 'A-1-2'] })
    expect(reservation).to.deep.include({
      userId: 'alice',
      concertId,
      seats: ['A-1-2', 'A-2-1'],
      totalPrice: 500n,
      status: ReservationStatus.HELD,
      paymentId: '',
      version: 1,
    })
    const expireMs = Number(reservation?.expireTime?.seconds ?? 0n) * 1000
    expect(expireMs).to.be.closeTo(before + 300_000, 10_000)
    expect(await statuses(concertId)).to.equal('A-1-1 AVAILABLE, A-1-2 HELD, A-2-1 HELD, A-2-2 AVAILABLE')
  })

  it('publishes the hold in the same transaction', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const { reservation } = await service
      .as('alice')
      .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    const rows = await query(
      service.database.em(),
      `SELECT topic, type FROM outbox WHERE convert_from(key, 'UTF8') = $1`,
      [reservation?.reservationId],
    )
    expect(rows).to.deep.equal([
      { topic: 'reservation-events', type: 'boxoffice.reservation.v1.SeatsHeldEvent' },
    ])
  })

  it('holds none if one of the seats is taken, and names the taken seats', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 4 })
    await service.as('alice').holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-2', 'A-1-3'] })
    const refusal = await refusalOf(
      service
        .as('bob')
        .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4'] }),
    )
    expect(refusal).to.deep.include({
      code: Code.FAILED_PRECONDITION,
      reason: 'SEAT_UNAVAILABLE',
      metadata: { seats: 'A-1-2,A-1-3' },
    })
    expect(await statuses(concertId)).to.equal('A-1-1 AVAILABLE, A-1-2 HELD, A-1-3 HELD, A-1-4 AVAILABLE')
  })

  it('holds none if one of the seats does not exist, and names the missing seats', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const refusal = await refusalOf(
      service
        .as('bob')
        .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1', 'A-1-3', 'A-01-2', 'B-1-1'] }),
    )
    expect(refusal).to.deep.include({
      code: Code.NOT_FOUND,
      reason: 'SEAT_NOT_FOUND',
      metadata: { seats: 'A-1-3,A-01-2,B-1-1' },
    })
    expect(await statuses(concertId)).to.equal('A-1-1 AVAILABLE, A-1-2 AVAILABLE')
  })

  it('refuses a concert that does not exist', async () => {
    const refusal = await refusalOf(
      service.as('bob').holdSeats({ requestId: randomUUID(), concertId: randomUUID(), seats: ['A-1-1'] }),
    )
    expect(refusal).to.include({ code: Code.NOT_FOUND, reason: 'CONCERT_NOT_FOUND' })
  })

  it('refuses requests that break a rule of the contract, naming the field', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const good = { requestId: randomUUID(), concertId, seats: ['A-1-1'] }
    const bad: [string, object][] = [
      ['request_id', { requestId: '' }],
      ['request_id', { requestId: 'not-a-uuid' }],
      ['concert_id', { concertId: 'x' }],
      ['seats', { seats: [] }],
      ['seats', { seats: ['A-1-1', 'A-1-1'] }],
      ['seats', { seats: Array.from({ length: 51 }, (_, nth) => `A-1-${nth + 1}`) }],
      ['seats[0]', { seats: ["A-1-1'; DROP TABLE seat"] }],
    ]
    for (const [field, change] of bad) {
      const refusal = await refusalOf(service.as('bob').holdSeats({ ...good, ...change }))
      expect(refusal).to.include({ code: Code.INVALID_ARGUMENT, reason: 'FIELD_VIOLATION' })
      expect(refusal.fieldViolations[0]?.field).to.equal(field)
    }
    expect(await statuses(concertId)).to.equal('A-1-1 AVAILABLE')
  })

  it('refuses a caller without a token', async () => {
    const refusal = await refusalOf(
      service.as().holdSeats({ requestId: randomUUID(), concertId: randomUUID(), seats: ['A-1-1'] }),
    )
    expect(refusal).to.include({ code: Code.UNAUTHENTICATED, reason: 'TOKEN_MISSING' })
  })

  it('answers a repeated request with the same reservation', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const request = { requestId: randomUUID(), concertId, seats: ['A-1-1'] }
    const alice = service.as('alice')
    const answers = await Promise.all(Array.from({ length: 10 }, () => alice.holdSeats(request)))
    const ids = new Set(answers.map(({ reservation }) => reservation?.reservationId))
    expect(ids.size).to.equal(1)
    expect(await countReservations(concertId)).to.equal(1)
  })

  it('refuses a request id that was used with other seats, and accepts it from another subject', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 2 })
    const request = { requestId: randomUUID(), concertId, seats: ['A-1-1'] }
    await service.as('alice').holdSeats(request)
    const refusal = await refusalOf(service.as('alice').holdSeats({ ...request, seats: ['A-1-2'] }))
    expect(refusal).to.include({ code: Code.ALREADY_EXISTS, reason: 'REQUEST_ID_REUSED' })
    await service.as('bob').holdSeats({ ...request, seats: ['A-1-2'] })
    expect(await statuses(concertId)).to.equal('A-1-1 HELD, A-1-2 HELD')
  })

  it('forgets a refused request: the same id may be used again', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const alice = service.as('alice')
    const { reservation } = await alice.holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    const request = { requestId: randomUUID(), concertId, seats: ['A-1-1'] }
    const bob = service.as('bob')
    expect(await refusalOf(bob.holdSeats(request))).to.include({ reason: 'SEAT_UNAVAILABLE' })
    const reservationId = reservation?.reservationId ?? ''
    await alice.releaseReservation({ requestId: randomUUID(), reservationId })
    expect((await bob.holdSeats(request)).reservation?.userId).to.equal('bob')
  })

  it('gives one seat to exactly one of 200 callers', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const clients = Array.from({ length: 20 }, (_, nth) => service.as(`user-${nth}`))
    const calls = Array.from({ length: 200 }, (_, nth) =>
      clients[nth % clients.length]?.holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] }),
    )
    const results = await Promise.allSettled(calls)
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.length).to.equal(199)
    for (const { reason } of refused) expect(reason).to.include({ reason: 'SEAT_UNAVAILABLE' })
    expect(await countReservations(concertId)).to.equal(1)
  })

  it('refuses a seat that is held without waiting for the transaction that has locked it', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const wanted = { concertId, seats: ['A-1-1'] }
    await service.as('alice').holdSeats({ requestId: randomUUID(), ...wanted })
    await service.database.transaction(async (em) => {
      await query(em, 'SELECT FROM seat WHERE concert_id = $1 FOR UPDATE', [concertId])
      const refusal = await refusalOf(service.as('bob').holdSeats({ requestId: randomUUID(), ...wanted }))
      expect(refusal).to.include({ reason: 'SEAT_UNAVAILABLE' })
      expect(refusal.metadata).to.deep.equal({ seats: 'A-1-1' })
    })
  })

  it('answers each of many different calls at once as if it came alone', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 20 })
    const hold = (user: string, seats: readonly string[], requestId: string = randomUUID()) =>
      service.as(user).holdSeats({ requestId, concertId, seats: [...seats] })
    const again = randomUUID()
    const reused = randomUUID()
    await hold('reused', ['A-1-20'], reused)
    const outcomes = await Promise.all([
      ...Array.from({ length: 10 }, (_, nth) => outcomeOf(hold(`user-${nth}`, [`A-1-${nth + 1}`]))),
      outcomeOf(hold('again', ['A-1-11'], again)),
      outcomeOf(hold('again', ['A-1-11'], again)),
      outcomeOf(hold('reused', ['A-1-12'], reused)),
      outcomeOf(hold('lost', ['A-9-1'])),
      outcomeOf(hold('late', ['A-1-20'])),
      outcomeOf(
        service.as('lost').holdSeats({ requestId: randomUUID(), concertId: randomUUID(), seats: ['A-1-1'] }),
      ),
    ])
    expect(outcomes).to.deep.equal([
      ...Array(12).fill('HELD'),
      'REQUEST_ID_REUSED',
      'SEAT_NOT_FOUND',
      'SEAT_UNAVAILABLE',
      'CONCERT_NOT_FOUND',
    ])
    expect(await countReservations(concertId)).to.equal(12)
  })

  it('never deadlocks on overlapping lists in any order, and never splits one', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 12 })
    const clients = Array.from({ length: 10 }, (_, nth) => service.as(`user-${nth}`))
    const calls = Array.from({ length: 200 }, (_, nth) =>
      clients[nth % clients.length]?.holdSeats({
        requestId: randomUUID(),
        concertId,
        seats: shuffledSeats(nth, 12).slice(0, 5),
      }),
    )
    const results = await Promise.allSettled(calls)
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).to.include({ reason: 'SEAT_UNAVAILABLE' })
    }
    const [totals] = await query<{ reserved: number; held: number }>(
      service.database.em(),
      `SELECT (SELECT sum(cardinality(seats)) FROM reservation WHERE concert_id = $1)::integer AS reserved,
        (SELECT count(*) FROM seat WHERE concert_id = $1 AND reservation_id IS NOT NULL)::integer AS held`,
      [concertId],
    )
    expect(totals?.held).to.be.greaterThan(0)
    expect(totals?.held).to.equal(totals?.reserved)
  })

  async function statuses(concertId: string): Promise<string> {
    const { seats } = await service.as('visitor').listSeats({ concertId })
    return seats.map(({ seat, status }) => `${seat} ${SeatStatusSchema.value[status]?.localName}`).join(', ')
  }

  async function countReservations(concertId: string): Promise<number> {
    const rows = await query(
      service.database.em(),
      'SELECT reservation_id FROM reservation WHERE concert_id = $1',
      [concertId],
    )
    return rows.length
  }
})

/** The seats A-1-1 … A-1-n in an order that depends on `seed`. */
function shuffledSeats(seed: number, count: number): string[] {
  let state = seed * 2_654_435_761 + 1
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state
  }
  return Array.from({ length: count }, (_, nth) => ({ seat: `A-1-${nth + 1}`, place: random() }))
    .sort((left, right) => left.place - right.place)
    .map(({ seat }) => seat)
}

async function outcomeOf(call: Promise<unknown>): Promise<string> {
  const held = call.then(() => 'HELD')
  return await held.catch(async () => (await refusalOf(call)).reason)
}

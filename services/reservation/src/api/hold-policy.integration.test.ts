import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { Code } from '@boxoffice/common/status/errors.ts'
import { refusalOf } from '@boxoffice/common/testing/refusal.ts'
import { ConfirmSeatsCommandSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { reservationCommands } from '../messages/reservation-commands.ts'
import {
  type ReservationClient,
  type RunningReservation,
  startReservation,
} from '../testing/start-reservation.ts'

const policy = { seatsPerUserMax: 8, openHoldsMax: 4, pauseMs: 60_000 }

describe('one user who wants a whole hall', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation(policy)
  })
  after(() => service.stop())

  it('gets eight of its 400 seats, and the error says how many are left', async () => {
    const concertId = await service.createConcert({ rows: 8, seatsPerRow: 50 })
    const mallory = service.as('mallory')
    expect(await refusalOf(hold(mallory, concertId, seats(1, 50)))).to.include({
      code: Code.FAILED_PRECONDITION,
      reason: 'SEAT_LIMIT_REACHED',
    })
    await hold(mallory, concertId, seats(1, 5))
    const { reason, metadata } = await refusalOf(hold(mallory, concertId, seats(2, 4)))
    expect({ reason, metadata }).to.deep.equal({
      reason: 'SEAT_LIMIT_REACHED',
      metadata: { seats_per_user_max: '8', seats_left: '3' },
    })
    await hold(mallory, concertId, seats(3, 3))
    for (let row = 1; row <= 8; row++) {
      const refusal = await refusalOf(hold(mallory, concertId, [`A-${row}-50`]))
      expect(refusal).to.include({ reason: 'SEAT_LIMIT_REACHED' })
      expect(refusal.metadata.seats_left).to.equal('0')
    }
    expect(await heldBy('mallory', concertId)).to.equal(8)
    await hold(service.as('bob'), concertId, seats(8, 8))
  })

  it('gets no more by asking for other seats on fifty connections at once', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 100 })
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, nth) =>
        outcomeOf(hold(service.as('eve'), concertId, [`A-1-${2 * nth + 1}`, `A-1-${2 * nth + 2}`])),
      ),
    )
    expect(counted(outcomes)).to.deep.equal({ HELD: 4, SEAT_LIMIT_REACHED: 46 })
    expect(await heldBy('eve', concertId)).to.equal(8)
  })

  it('never deadlocks with itself or others on overlapping lists, and gets no more by them', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 12 })
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, nth) => {
        const from = (nth * 7) % 11
        const wanted = [`A-1-${from + 1}`, `A-1-${from + 2}`]
        return outcomeOf(
          hold(service.as(`crowd-${nth % 3}`), concertId, nth % 2 === 0 ? wanted : wanted.toReversed()),
        )
      }),
    )
    const refusals = new Set(outcomes.filter((outcome) => outcome !== 'HELD'))
    expect(
      [...refusals].filter((reason) => !['SEAT_UNAVAILABLE', 'SEAT_LIMIT_REACHED'].includes(reason)),
    ).to.deep.equal([])
    for (const user of ['crowd-0', 'crowd-1', 'crowd-2']) {
      expect(await heldBy(user, concertId)).to.be.within(0, 8)
    }
  })

  it('cannot have five open holds, over any number of concerts, in whatever order and however many at once', async () => {
    const concertIds = await Promise.all(
      Array.from({ length: 10 }, () => service.createConcert({ rows: 1, seatsPerRow: 1 })),
    )
    const outcomes = await Promise.all(
      concertIds.map((concertId) => outcomeOf(hold(service.as('trent'), concertId, ['A-1-1']))),
    )
    expect(counted(outcomes)).to.deep.equal({ HELD: 4, HOLD_LIMIT_REACHED: 6 })
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const { code, metadata } = await refusalOf(hold(service.as('trent'), concertId, ['A-1-1']))
    expect({ code, metadata }).to.deep.equal({
      code: Code.FAILED_PRECONDITION,
      metadata: { open_holds_max: '4', holds_left: '0' },
    })
  })

  it('has bought seats counted for ever, and open holds only until they are bought', async () => {
    const concertId = await service.createConcert({ rows: 2, seatsPerRow: 10 })
    const carol = service.as('carol')
    for (let nth = 1; nth <= 7; nth++) await sell(await hold(carol, concertId, [`A-1-${nth}`]))
    expect(await outcomeOf(hold(carol, concertId, ['A-2-1', 'A-2-2']))).to.equal('SEAT_LIMIT_REACHED')
    await hold(carol, concertId, ['A-2-1'])
    expect(await outcomeOf(hold(carol, concertId, ['A-2-2']))).to.equal('SEAT_LIMIT_REACHED')
  })

  it('may hold as many seats as the concert allows, and no more', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 10, seatsPerUserMax: 2 })
    const dan = service.as('dan')
    const { concerts } = await dan.listConcerts({})
    expect(concerts.find((concert) => concert.concertId === concertId)?.seatsPerUserMax).to.equal(2)
    expect(await outcomeOf(hold(dan, concertId, seats(1, 3)))).to.equal('SEAT_LIMIT_REACHED')
    await hold(dan, concertId, seats(1, 2))
  })

  it('gets the same answer for a repeated request, although the limit is reached by now', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 9 })
    const frank = service.as('frank')
    const request = { requestId: randomUUID(), concertId, seats: seats(1, 8) }
    const { reservation } = await frank.holdSeats(request)
    const again = await frank.holdSeats(request)
    expect(again.reservation?.reservationId).to.equal(reservation?.reservationId)
  })

  /** Sells a reservation with the command that its payment would send. */
  async function sell({ reservationId, userId, totalPrice }: Reservation): Promise<void> {
    const paymentId = randomUUID()
    const body = create(ConfirmSeatsCommandSchema, { paymentId, reservationId, userId, amount: totalPrice })
    await service.handle(reservationCommands, [
      {
        id: randomUUID(),
        type: ConfirmSeatsCommandSchema.typeName,
        body,
        subject: paymentId,
        time: new Date(),
        key: reservationId,
        topic: 'reservation-commands',
        partition: 0,
        offset: 0n,
        traceparent: undefined,
      },
    ])
  }

  async function heldBy(userId: string, concertId: string): Promise<number> {
    const [row] = await query<{ count: number }>(
      service.database.em(),
      `SELECT count(*)::integer FROM seat JOIN reservation USING (reservation_id)
       WHERE user_id = $1 AND seat.concert_id = $2`,
      [userId, concertId],
    )
    return row?.count ?? 0
  }
})

describe('one user who wants to keep a seat for ever', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation(policy)
  })
  after(() => service.stop())

  it('has to wait a minute after giving the seat back, while others may hold it at once', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 3 })
    const mallory = service.as('mallory')
    await giveBack(mallory, await hold(mallory, concertId, ['A-1-1', 'A-1-2']))
    for (const again of [['A-1-1'], ['A-1-3', 'A-1-2']]) {
      const refusal = await refusalOf(hold(mallory, concertId, again))
      expect(refusal).to.include({ code: Code.FAILED_PRECONDITION, reason: 'HOLD_PAUSED' })
      expect(Number(refusal.metadata.retry_after_seconds)).to.be.within(50, 60)
      expect(refusal.retryAfterMs).to.be.within(50_000, 60_000)
    }
    expect(await outcomeOf(hold(mallory, concertId, ['A-1-3'])), 'another seat').to.equal('HELD')
    expect(await outcomeOf(hold(service.as('bob'), concertId, ['A-1-1']))).to.equal('HELD')
  })

  it('has to wait a minute after the hold has lapsed, however often it tries, and may hold it then', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const mallory = service.as('mallory')
    const lapsed = await hold(mallory, concertId, ['A-1-1'])
    await endedSeconds(lapsed, 58)
    for (let attempt = 0; attempt < 5; attempt++) {
      const refusal = await refusalOf(hold(mallory, concertId, ['A-1-1']))
      expect(refusal).to.include({ reason: 'HOLD_PAUSED' })
      expect(Number(refusal.metadata.retry_after_seconds)).to.be.within(1, 2)
    }
    await endedSeconds(lapsed, 60)
    expect(await outcomeOf(hold(mallory, concertId, ['A-1-1']))).to.equal('HELD')
  })

  it('gets no hold past the pause by giving back and holding on fifty connections at once', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () => {
        const eve = service.as('eve')
        return await hold(eve, concertId, ['A-1-1']).then(
          async (held) => {
            await giveBack(eve, held)
            return 'HELD'
          },
          (error) => error.reason,
        )
      }),
    )
    expect(counted(outcomes).HELD).to.equal(1)
    const refusals = new Set(outcomes.filter((outcome) => outcome !== 'HELD'))
    expect([...refusals]).to.have.lengthOf.within(1, 2)
    expect(['HOLD_PAUSED', 'SEAT_UNAVAILABLE']).to.include.members([...refusals])
  })

  /** Moves the end of a hold into the past, as if time had passed. */
  async function endedSeconds({ reservationId }: Reservation, ago: number): Promise<void> {
    const em = service.database.em()
    const change = `SET held_until = clock_timestamp() - $2 * interval '1 second' WHERE reservation_id = $1`
    await query(em, `UPDATE reservation ${change}`, [reservationId, ago])
    await query(em, `UPDATE seat ${change}`, [reservationId, ago])
  }
})

async function hold(client: ReservationClient, concertId: string, names: string[]): Promise<Reservation> {
  const { reservation } = await client.holdSeats({ requestId: randomUUID(), concertId, seats: names })
  if (reservation === undefined) throw new Error('nothing was held')
  return reservation
}

async function giveBack(client: ReservationClient, { reservationId }: Reservation): Promise<void> {
  await client.releaseReservation({ requestId: randomUUID(), reservationId })
}

/** Returns `HELD`, or the reason of the refusal. */
async function outcomeOf(call: Promise<unknown>): Promise<string> {
  return await call.then(
    () => 'HELD',
    (error) => error.reason,
  )
}

function counted(outcomes: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...Map.groupBy(outcomes, (outcome) => outcome)].map(([outcome, all]) => [outcome, all.length]),
  )
}

/** The first seats of a row. */
function seats(row: number, count: number): string[] {
  return Array.from({ length: count }, (_, nth) => `A-${row}-${nth + 1}`)
}

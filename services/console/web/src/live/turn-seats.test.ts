import { expect } from 'chai'
import type { FeedEvent, SeatChange } from '../../../src/contract/answers.ts'
import type { Seat } from '../parts/seat-map.tsx'
import { hearSeats, type LatestChanges, stillFree, turnSeats } from './turn-seats.ts'

describe('the seats of a live map', () => {
  it('change as a reservation holds, buys and releases them', () => {
    const map = mapOf('AVAILABLE', 'AVAILABLE')
    map.hear(held('first', ['A-1-1', 'A-1-2']))
    expect(map.shown()).to.deep.equal(['HELD', 'HELD'])
    map.hear(released('first', ['A-1-1', 'A-1-2']))
    expect(map.shown()).to.deep.equal(['AVAILABLE', 'AVAILABLE'])
    map.hear(held('second', ['A-1-1']), sold('second', ['A-1-1']))
    expect([map.shown(), map.isUnsure]).to.deep.equal([['SOLD', 'AVAILABLE'], false])
  })

  it('stay sold when the event of the hold arrives after that of the sale, which is in another partition', () => {
    const map = mapOf('AVAILABLE')
    map.hear(sold('first', ['A-1-1']))
    map.hear(held('first', ['A-1-1']))
    expect(map.shown()).to.deep.equal(['SOLD'])
    map.hear(sold('first', ['A-1-1']), held('first', ['A-1-1']))
    expect(map.shown()).to.deep.equal(['SOLD'])
  })

  it('stay with the reservation that took them over from a lapsed hold whose payment is refused', () => {
    const map = mapOf('AVAILABLE', 'AVAILABLE')
    map.hear(held('first', ['A-1-1', 'A-1-2']))
    map.hear(held('second', ['A-1-1']))
    map.hear(lapsed('first', ['A-1-1', 'A-1-2']))
    expect(map.shown()).to.deep.equal(['HELD', 'AVAILABLE'])
    map.hear(sold('second', ['A-1-1']), lapsed('first', ['A-1-1', 'A-1-2']))
    expect([map.shown(), map.isUnsure]).to.deep.equal([['SOLD', 'AVAILABLE'], false])
  })

  it('stay with the later of two holds, in whichever order their events arrive', () => {
    const map = mapOf('AVAILABLE')
    map.hear(held('second', ['A-1-1']))
    map.hear(held('first', ['A-1-1']), released('first', ['A-1-1']))
    expect([map.shown(), map.isUnsure]).to.deep.equal([['HELD'], false])
  })

  it('stay free when the event of a hold arrives after that of its end', () => {
    const map = mapOf('AVAILABLE')
    map.hear(held('first', ['A-1-1']), lapsed('first', ['A-1-1']), held('first', ['A-1-1']))
    expect(map.shown()).to.deep.equal(['AVAILABLE'])
  })

  it('are read again when an unknown reservation releases them', () => {
    const map = mapOf('HELD')
    map.hear(released('first', ['A-1-1']))
    expect([map.shown(), map.isUnsure]).to.deep.equal([['HELD'], true])
  })

  it('are read again when a hold ends and only an earlier one was known', () => {
    const map = mapOf('AVAILABLE')
    map.hear(held('first', ['A-1-1']))
    map.hear(lapsed('second', ['A-1-1']))
    expect([map.shown(), map.isUnsure]).to.deep.equal([['HELD'], true])
  })

  it('stay sold if they were read as sold, whatever earlier events say', () => {
    const map = mapOf('SOLD')
    map.hear(held('first', ['A-1-1']), released('first', ['A-1-1']))
    expect(map.shown()).to.deep.equal(['SOLD'])
  })

  it('stay the same objects if nothing changes, and so need not be drawn again', () => {
    const seats = seatsOf('AVAILABLE', 'AVAILABLE')
    const { turns } = hearSeats(new Map(), [held('first', ['A-1-1'])])
    expect(turnSeats(seats, turns)[1]).to.equal(seats[1])
    expect(turnSeats(seats, new Map())).to.equal(seats)
  })

  it('are no longer chosen once they are taken', () => {
    const chosen = ['A-1-1', 'A-1-2', 'A-1-3']
    expect(stillFree(chosen, seatsOf('AVAILABLE', 'HELD', 'SOLD'))).to.deep.equal(['A-1-1'])
    expect(stillFree(chosen, seatsOf('AVAILABLE', 'AVAILABLE', 'AVAILABLE'))).to.equal(chosen)
  })
})

type Status = 'AVAILABLE' | 'HELD' | 'SOLD'

/** The map as the page keeps it. */
function mapOf(...statuses: Status[]) {
  let latest: LatestChanges = new Map()
  let seats: readonly Seat[] = seatsOf(...statuses)
  const map = {
    isUnsure: false,
    hear(...events: FeedEvent[]): void {
      const news = hearSeats(latest, events)
      latest = news.latest
      seats = turnSeats(seats, news.turns)
      map.isUnsure ||= news.isUnsure
    },
    shown: () => seats.map(({ status }) => status.replace('SEAT_STATUS_', '')),
  }
  return map
}

function seatsOf(...statuses: Status[]): Seat[] {
  return statuses.map((status, nth) => ({
    seat: `A-1-${nth + 1}`,
    price: '100',
    status: `SEAT_STATUS_${status}`,
  }))
}

type Name = 'first' | 'second'

const held = (name: Name, seats: string[]) => eventOf(name, seats, 'HELD', 1)
const sold = (name: Name, seats: string[]) => eventOf(name, seats, 'SOLD', 2)
const released = (name: Name, seats: string[]) => eventOf(name, seats, 'RELEASED', 2)
/** The answer to a refused payment, with a hold that has lapsed. */
const lapsed = (name: Name, seats: string[]) => eventOf(name, seats, 'EXPIRED', 1)

function eventOf(name: Name, seats: string[], status: SeatChange['status'], version: number): FeedEvent {
  const reservation = {
    first: { reservationId: '00000000-0000-4000-8000-000000000001', createTime: '2026-11-23T12:00:00.000Z' },
    second: { reservationId: '00000000-0000-4000-8000-000000000002', createTime: '2026-11-23T12:05:00.000Z' },
  }[name]
  return {
    position: '1',
    topic: 'reservation-events',
    partition: 0,
    offset: '0',
    type: 'boxoffice.reservation.v1.SeatsHeldEvent',
    paymentId: null,
    madeTime: '2026-11-23T12:10:00.000Z',
    recordedTime: '2026-11-23T12:10:00.000Z',
    problem: null,
    seats: { ...reservation, concertId: 'a concert', seats, status, version, userId: 'ada' },
  }
}

import { expect } from 'chai'
import { type HallSeat, holdInTurn, type WantedHold } from './hold-in-turn.ts'

const now = new Date('2026-11-29T12:00:00.000Z')
const policy = { seatsPerUserMax: 3, openHoldsMax: 2, pauseMs: 60_000 }
const seats: readonly HallSeat[] = ['one', 'two'].flatMap((concertId) =>
  [1, 2, 3, 4].map((number) => ({
    concertId,
    seat: `A-1-${number}`,
    price: 10n,
    sold: false,
    heldUntil: null,
  })),
)

describe('holds that come at the same time', () => {
  it('get a seat once: the first call gets it', () => {
    const holds = holdInTurn([wants('ada', [1, 2]), wants('bob', [2, 3]), wants('eve', [3])], seats, now)
    expect(holds.map(({ outcome }) => outcome)).to.deep.equal(['HELD', 'UNAVAILABLE', 'HELD'])
    expect(holds[1]).to.deep.equal({ outcome: 'UNAVAILABLE', seats: ['A-1-2'] })
  })

  it('add up for a user: the seats of a concert, and the open holds over all concerts', () => {
    const more = [wants('ada', [1, 2]), wants('ada', [3, 4]), wants('ada', [1], 'two'), wants('ada', [3])]
    const holds = holdInTurn(more, seats, now)
    expect(holds[0]?.outcome).to.equal('HELD')
    expect(holds[1]).to.deep.equal({ outcome: 'TOO_MANY_SEATS', seatsPerUserMax: 3, seatsLeft: 1 })
    expect(holds[2]?.outcome).to.equal('HELD')
    expect(holds[3]).to.deep.equal({ outcome: 'TOO_MANY_HOLDS', openHoldsMax: 2 })
  })

  it('do not count for another user, nor for seats of the same name in another concert', () => {
    const holds = holdInTurn(
      [wants('ada', [1]), wants('bob', [1], 'two'), wants('bob', [2, 3, 4])],
      seats,
      now,
    )
    expect(holds.map(({ outcome }) => outcome)).to.deep.equal(['HELD', 'HELD', 'HELD'])
  })

  it('find the seats that a refused hold has not taken', () => {
    const holds = holdInTurn([wants('ada', [1, 2, 3, 4]), wants('bob', [1])], seats, now)
    expect(holds.map(({ outcome }) => outcome)).to.deep.equal(['TOO_MANY_SEATS', 'HELD'])
  })
})

let count = 0

function wants(userId: string, numbers: readonly number[], concertId = 'one'): WantedHold {
  return {
    request: {
      reservationId: String(count++),
      userId,
      concertId,
      seats: numbers.map((number) => `A-1-${number}`),
      durationMs: 60_000,
      policy,
    },
    holdings: { seats: 0, openHolds: 0, lastEnd: null },
  }
}

import { expect } from 'chai'
import { type SeatOnTheWay, seatAt } from './seat-at.ts'

describe('the seat that a key goes to', () => {
  // Free seats are dots, taken ones are crosses.
  const house = houseOf({ 'A-1': '.x..', 'A-2': 'xxxx', 'A-3': 'x..x', 'B-1': '...........x' })

  it('is along the row, past taken seats, or at its ends', () => {
    expect(seatAt('ArrowRight', 'A-1-1', house)).to.equal('A-1-3')
    expect(seatAt('ArrowLeft', 'A-1-3', house)).to.equal('A-1-1')
    expect(seatAt('Home', 'B-1-10', house)).to.equal('B-1-1')
    expect(seatAt('End', 'B-1-2', house)).to.equal('B-1-11')
  })

  it('is the nearest free seat of the next row that has one, even in another section', () => {
    expect(seatAt('ArrowDown', 'A-1-4', house)).to.equal('A-3-3')
    expect(seatAt('ArrowDown', 'A-3-2', house)).to.equal('B-1-2')
    expect(seatAt('ArrowUp', 'B-1-11', house)).to.equal('A-3-3')
  })

  it('is none if there is no seat that way, or if the key has another use', () => {
    expect(seatAt('ArrowLeft', 'A-1-1', house)).to.equal(undefined)
    expect(seatAt('ArrowUp', 'A-1-1', house)).to.equal(undefined)
    expect(seatAt('ArrowDown', 'B-1-1', house)).to.equal(undefined)
    expect(seatAt('Enter', 'B-1-1', house)).to.equal(undefined)
  })

  it('is found even from a seat that has just been taken', () => {
    expect(seatAt('ArrowRight', 'A-1-2', house)).to.equal('A-1-3')
  })

  it('can be every open seat, over some path of keys', () => {
    const reached = new Set(['A-1-1'])
    for (const from of reached) {
      for (const key of ['ArrowLeft', 'ArrowRight', 'ArrowUp', 'ArrowDown']) {
        const seat = seatAt(key, from, house)
        if (seat !== undefined) reached.add(seat)
      }
    }
    const open = house.filter(({ isOpen }) => isOpen).map(({ seat }) => seat)
    expect([...reached]).to.have.members(open)
  })
})

function houseOf(rows: Readonly<Record<string, string>>): SeatOnTheWay[] {
  return Object.entries(rows).flatMap(([row, seats]) =>
    [...seats].map((sign, index) => ({ seat: `${row}-${index + 1}`, isOpen: sign === '.' })),
  )
}

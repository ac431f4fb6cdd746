import { expect } from 'chai'
import { type SeatOnTheWay, seatAt } from './seat-at.ts'

describe('going from seat to seat by keys', () => {
  // Free seats are dots, taken ones are crosses.
  const house = houseOf({ 'A-1': '.x..', 'A-2': 'xxxx', 'A-3': 'x..x', 'B-1': '...........x' })

  it('goes along a row, over those that are taken, and to its ends', () => {
    expect(seatAt('ArrowRight', 'A-1-1', house)).to.equal('A-1-3')
    expect(seatAt('ArrowLeft', 'A-1-3', house)).to.equal('A-1-1')
    expect(seatAt('Home', 'B-1-10', house)).to.equal('B-1-1')
    expect(seatAt('End', 'B-1-2', house)).to.equal('B-1-11')
  })

  it('goes to the nearest seat of the next row that has one, also across sections', () => {
    expect(seatAt('ArrowDown', 'A-1-4', house)).to.equal('A-3-3')
    expect(seatAt('ArrowDown', 'A-3-2', house)).to.equal('B-1-2')
    expect(seatAt('ArrowUp', 'B-1-11', house)).to.equal('A-3-3')
  })

  it('stays where there is none, and at keys for something else', () => {
    expect(seatAt('ArrowLeft', 'A-1-1', house)).to.equal(undefined)
    expect(seatAt('ArrowUp', 'A-1-1', house)).to.equal(undefined)
    expect(seatAt('ArrowDown', 'B-1-1', house)).to.equal(undefined)
    expect(seatAt('Enter', 'B-1-1', house)).to.equal(undefined)
  })

  it('goes on from a seat that has just been taken', () => {
    expect(seatAt('ArrowRight', 'A-1-2', house)).to.equal('A-1-3')
  })

  it('comes to every open seat', () => {
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

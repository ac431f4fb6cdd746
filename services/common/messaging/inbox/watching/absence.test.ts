import { expect } from 'chai'
import { Absence } from './absence.ts'

describe('the absence of a consumer', () => {
  let absence: Absence
  beforeEach(() => {
    absence = new Absence(3)
  })

  const looks = (count: number, isAway: boolean, failures = 0): boolean[] =>
    Array.from({ length: count }, () => absence.look({ isAway, failures }))

  it('is one after so many looks', () => {
    expect(looks(4, true)).to.deep.equal([false, false, false, true])
  })

  it('ends when it comes to read, or has nothing to read', () => {
    looks(4, true)
    expect(looks(1, false)).to.deep.equal([false])
    expect(looks(3, true)).to.deep.equal([false, false, false])
  })

  it('is explained by an error, for so many looks', () => {
    expect(looks(3, true)).not.to.include(true)
    expect(looks(4, true, 1)).not.to.include(true)
    expect(looks(1, true, 1)).to.deep.equal([true])
  })

  it('begins again where it could not look', () => {
    looks(3, true)
    absence.forget()
    expect(looks(3, true)).not.to.include(true)
  })
})

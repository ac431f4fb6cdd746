import { expect } from 'chai'
import { figureOf, noteOf, textOf } from './figure.ts'

const sum = (one: number, other: number): number => one + other

describe('a figure made of what each service tells', () => {
  it('is shown once it is known of every one', () => {
    expect(shown([0, 0, 0])).to.deep.equal(['0', undefined])
    expect(shown([1, 0, 2])).to.deep.equal(['3', undefined])
  })

  it('is unknown as long as it is of one, and says of which', () => {
    expect(shown([1, null, 2])).to.deep.equal(['unknown', 'of point; else 3'])
    expect(shown([0, null, null])).to.deep.equal(['unknown', 'of point and reservation; else 0'])
  })

  it('is unknown, and not 0, before anybody has told anything', () => {
    expect(shown([null, null, null])).to.deep.equal(['unknown', 'no service has told it'])
  })

  it('is the greatest where it is joined so', () => {
    expect(figureOf(partsOf([3, 45, 7]), Math.max).known).to.equal(45)
  })
})

function shown(values: readonly (number | null)[]) {
  const figure = figureOf(partsOf(values), sum)
  return [textOf(figure, String), noteOf(figure, String)]
}

function partsOf(values: readonly (number | null)[]) {
  return values.map((value, index) => [['payment', 'point', 'reservation'][index] ?? '', value] as const)
}

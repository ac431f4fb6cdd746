import { expect } from 'chai'
import { figureOf, noteOf, textOf } from './figure.ts'

const sum = (a: number, b: number): number => a + b

describe('a figure that joins the values of all services', () => {
  it('is shown once every service has reported its value', () => {
    expect(shown([0, 0, 0])).to.deep.equal(['0', undefined])
    expect(shown([1, 0, 2])).to.deep.equal(['3', undefined])
  })

  it('is unknown while a service has not reported, and its note names that service', () => {
    expect(shown([1, null, 2])).to.deep.equal(['unknown', 'no value from point; the others: 3'])
    expect(shown([0, null, null])).to.deep.equal([
      'unknown',
      'no value from point and reservation; the others: 0',
    ])
  })

  it('is unknown, and not 0, before any service has reported', () => {
    expect(shown([null, null, null])).to.deep.equal(['unknown', 'no service has reported it'])
  })

  it('is the greatest value if it is joined by the maximum', () => {
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

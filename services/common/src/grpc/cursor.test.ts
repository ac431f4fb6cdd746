import { expect } from 'chai'
import fc from 'fast-check'
import { positionCursor, smallPositionCursor, timeAndIdCursor } from './cursor.ts'

describe('the cursor of a page token', () => {
  const id = '0a1b2c3d-4e5f-4789-8abc-def012345678'

  it('is a position that its column can hold', () => {
    for (const text of ['0', '1', '9223372036854775807'])
      expect(positionCursor.parse(text)).to.equal(BigInt(text))
    const wrong = ['', '-1', '01', '1.5', '1e3', '0x10', ' 1', 'NaN', '9223372036854775808', '9'.repeat(400)]
    for (const text of wrong) expect(positionCursor.parse(text), text).to.equal(undefined)
    expect(smallPositionCursor.parse('2147483647')).to.equal(2_147_483_647n)
    expect(smallPositionCursor.parse('2147483648')).to.equal(undefined)
  })

  it('is a time that exists, and an id', () => {
    const time = new Date('2026-11-29T17:00:00.123Z')
    expect(timeAndIdCursor.parse(`2026-11-29T17:00:00.123Z/${id}`)).to.deep.equal({ time, id })
    const wrongTimes = [
      '9999-12-31T23:59:60.000Z',
      '2026-02-30T00:00:00.000Z',
      '2026-13-01T00:00:00.000Z',
      '2026-01-01T24:00:00.000Z',
      '0000-01-01T00:00:00.000Z',
      '+275760-09-13T00:00:00.000Z',
      '-000001-01-01T00:00:00.000Z',
      '2026-01-01T00:00:00Z',
      '2026-01-01T00:00:00.000+01:00',
      'Invalid Date',
      '',
    ]
    for (const text of wrongTimes) expect(timeAndIdCursor.parse(`${text}/${id}`), text).to.equal(undefined)
    for (const text of ['', 'x', id.toUpperCase(), id.slice(1), `${id}0`, `${id}/${id}`, `{${id}}`])
      expect(timeAndIdCursor.parse(`${time.toISOString()}/${text}`), text).to.equal(undefined)
  })

  it('is read as it was written', () => {
    const times = fc.date({
      min: new Date('0001-01-01T00:00:00.000Z'),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(times, fc.uuid(), (time, id) => {
        expect(timeAndIdCursor.parse(timeAndIdCursor.format({ time, id }))).to.deep.equal({ time, id })
      }),
    )
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 63n - 1n }), (position) => {
        expect(positionCursor.parse(positionCursor.format(position))).to.equal(position)
      }),
    )
  })

  it('is undefined for any other text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const position = positionCursor.parse(text)
        expect(position === undefined || positionCursor.format(position) === text).to.equal(true)
        expect(timeAndIdCursor.parse(text)).to.equal(undefined)
      }),
    )
  })
})

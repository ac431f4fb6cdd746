import { expect } from 'chai'
import fc from 'fast-check'
import { parseInstant } from './parse-instant.ts'

describe('a time that a request names', () => {
  it('is what RFC 3339 says it is', () => {
    const times = {
      '1970-01-01T00:00:00Z': 0,
      '2026-11-29T17:00:00.5+01:00': Date.UTC(2026, 10, 29, 16, 0, 0, 500),
      '2024-02-29T23:59:59.123456789Z': Date.UTC(2024, 1, 29, 23, 59, 59, 123),
      '9999-12-31T23:59:59.999Z': Date.UTC(9999, 11, 31, 23, 59, 59, 999),
    }
    for (const [text, ms] of Object.entries(times)) expect(parseInstant(text)?.getTime(), text).to.equal(ms)
  })

  it('is refused where there is no such time, or where it cannot be stored', () => {
    const wrong = [
      '9999-12-31T23:59:60Z',
      '2026-06-30T23:59:60Z',
      '2026-02-30T00:00:00Z',
      '2025-02-29T00:00:00Z',
      '2026-13-01T00:00:00Z',
      '2026-00-01T00:00:00Z',
      '2026-01-01T24:00:00Z',
      '2026-01-01T00:60:00Z',
      '2026-01-01T00:00:00+24:00',
      '2026-01-01T00:00:00+01:60',
      '2026-01-01T00:00:00',
      '2026-01-01 00:00:00Z',
      '2026-01-01T00:00:00.Z',
      '2026-01-01T00:00:00.1234567890Z',
      '1969-12-31T23:59:59.999Z',
      '1970-01-01T00:00:00+00:01',
      '9999-12-31T23:59:59-00:01',
      '0000-01-01T00:00:00Z',
      '+10000-01-01T00:00:00Z',
      '2026-01-01T00:00:00Z\n',
      '٢٠٢٦-01-01T00:00:00Z',
      'NaN',
      '',
    ]
    for (const text of wrong) expect(parseInstant(text), text).to.equal(undefined)
  })

  it('is the same time however it is written', () => {
    const times = fc.date({
      min: new Date(0),
      max: new Date('9999-12-31T23:59:59.999Z'),
      noInvalidDate: true,
    })
    fc.assert(
      fc.property(times, (time) => {
        expect(parseInstant(time.toISOString())?.getTime()).to.equal(time.getTime())
      }),
    )
  })
})

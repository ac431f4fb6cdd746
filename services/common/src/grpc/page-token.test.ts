import { expect } from 'chai'
import fc from 'fast-check'
import { decodePageToken, encodePageToken } from './page-token.ts'

describe('a page token', () => {
  const refusal = { name: 'ApiError', code: 3, reason: 'PAGE_TOKEN_INVALID' }
  const failureOf = (method: string, subject: string, token: string): unknown => {
    try {
      return decodePageToken(method, subject, token)
    } catch (error) {
      return error
    }
  }

  it('gives back the cursor it was made from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (cursor, subject) => {
        expect(decodePageToken('List', subject, encodePageToken('List', subject, cursor))).to.equal(cursor)
      }),
    )
  })

  it('only works for its method and subject', () => {
    const token = encodePageToken('ListPayments', 'alice', '42')
    expect(failureOf('ListPayments', 'bob', token)).to.include(refusal)
    expect(failureOf('ListSeats', 'alice', token)).to.include(refusal)
  })

  it('refuses whatever it did not make', () => {
    const token = encodePageToken('List', 'alice', '42')
    for (const forged of ['', 'x', '!', `${token}AA`, token.slice(0, -2), `${token}=`, 'A'.repeat(512)]) {
      expect(failureOf('List', 'alice', forged), forged).to.include(refusal)
    }
    fc.assert(
      fc.property(fc.string(), (text) => (failureOf('List', 'alice', text) as Error).name === 'ApiError'),
    )
  })
})

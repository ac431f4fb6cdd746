import { createHash, createHmac, randomBytes } from 'node:crypto'
import { expect } from 'chai'
import fc from 'fast-check'
import { decodePageToken, encodePageToken, type PageTokenScope } from './page-token.ts'

describe('a page token', () => {
  const scope: PageTokenScope = {
    key: randomBytes(32),
    list: 'test.ListRequest',
    subject: 'alice',
    filters: Buffer.from('filters'),
  }
  const refusal = { name: 'ApiError', code: 3, reason: 'PAGE_TOKEN_INVALID' }
  const failureOf = (token: string, asked: Partial<PageTokenScope> = {}): unknown => {
    try {
      return decodePageToken({ ...scope, ...asked }, token)
    } catch (error) {
      return error
    }
  }

  it('returns the cursor that it was created from', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.string(), (cursor, subject) => {
        const own = { ...scope, subject }
        expect(decodePageToken(own, encodePageToken(own, cursor))).to.equal(cursor)
      }),
    )
  })

  it('only works for its list, its subject, its filters and its key', () => {
    const token = encodePageToken(scope, '42')
    expect(failureOf(token)).to.equal('42')
    const others: Partial<PageTokenScope>[] = [
      { list: 'test.OtherRequest' },
      { subject: 'bob' },
      { filters: Buffer.from('others') },
      { key: randomBytes(32) },
      // The same bytes in sequence, split at another place.
      { subject: 'alicef', filters: Buffer.from('ilters') },
      { list: 'test.ListRequesta', subject: 'lice' },
    ]
    for (const other of others) expect(failureOf(token, other), JSON.stringify(other)).to.include(refusal)
  })

  it('is refused if it was not created here', () => {
    const token = encodePageToken(scope, '42')
    for (const forged of ['', 'x', '!', `${token}AA`, token.slice(0, -2), `${token}=`, 'A'.repeat(512)]) {
      expect(failureOf(forged), forged).to.include(refusal)
    }
    fc.assert(fc.property(fc.string(), (text) => (failureOf(text) as Error).name === 'ApiError'))
  })

  it('is refused if it was created with all that a caller knows', () => {
    const content = Buffer.from('43')
    const known = Buffer.concat([Buffer.from(`page-token 1\0${scope.list}\0${scope.subject}\0`), content])
    const digests = [
      createHash('sha256').update(known).digest().subarray(0, 16),
      createHash('sha256').update(known).digest(),
      createHmac('sha256', '').update(known).digest(),
      decodedMac(encodePageToken(scope, '42')),
    ]
    for (const digest of digests) {
      const forged = Buffer.concat([digest, content]).toString('base64url')
      expect(failureOf(forged), forged).to.include(refusal)
    }
  })
})

function decodedMac(token: string): Buffer {
  return Buffer.from(token, 'base64url').subarray(0, 32)
}

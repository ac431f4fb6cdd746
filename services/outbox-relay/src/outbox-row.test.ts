import { expect } from 'chai'
import { toOutboxRow } from './outbox-row.ts'

describe('an outbox row', () => {
  it('becomes a record with its key, payload and headers, and nothing else', () => {
    const row = toOutboxRow({
      id: '7',
      topic: 't',
      key: Buffer.from([0, 255]),
      payload: Buffer.from('p'),
      headers: { ce_id: 'x', raw: { base64: 'AP8=' }, twice: ['a', { base64: 'Yg==' }], empty: '' },
    })
    expect(row).to.deep.include({ id: '7', topic: 't', key: Buffer.from([0, 255]), value: Buffer.from('p') })
    expect(row.headers).to.deep.equal({
      ce_id: 'x',
      raw: Buffer.from([0, 255]),
      twice: ['a', Buffer.from('b')],
      empty: '',
    })
  })

  it('is malformed with headers of another form, and no error, which would stop all others', () => {
    for (const headers of [
      null,
      'text',
      7,
      ['a'],
      { a: 1 },
      { a: null },
      { a: ['b', null] },
      { a: { base64: 1 } },
    ]) {
      const row = toOutboxRow({ id: '7', topic: 't', key: null, payload: null, headers })
      expect(row, JSON.stringify(headers)).to.include({ id: '7', defect: 'MALFORMED_HEADERS' })
    }
  })

  it('is of no use without a topic', () => {
    for (const topic of [null, ''])
      expect(toOutboxRow({ id: '7', topic, key: null, payload: null, headers: {} })).to.include({
        topic: '',
        defect: 'NO_TOPIC',
      })
  })

  it('has a header whatever its name is', () => {
    const headers = JSON.parse('{"__proto__": "a", "constructor": ["b"]}')
    const row = toOutboxRow({ id: '7', topic: 't', key: null, payload: null, headers })
    expect(Object.entries(row.headers)).to.deep.equal([
      ['__proto__', 'a'],
      ['constructor', ['b']],
    ])
  })

  it('may have neither key nor payload', () => {
    const row = toOutboxRow({ id: '7', topic: 't', key: null, payload: null, headers: {} })
    expect(row).to.deep.include({ key: null, value: null })
  })
})

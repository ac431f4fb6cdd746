import { expect } from 'chai'
import { createCodec } from '../../message/create-codec.ts'
import { refuseNames } from './refuse-names.ts'

const handler = {
  topics: ['orders'],
  codec: createCodec('text/plain', {}),
  handle: async () => ({ outbox: [] }),
}
const fine = { name: 'billing', source: 'shop/billing', handler }

describe('the names of a consumer', () => {
  it('are taken as Kafka and the tables take them', () => {
    refuseNames(fine)
    refuseNames({
      ...fine,
      name: 'x'.repeat(249),
      handler: { ...handler, topics: ['a.b_c-D', 'x'.repeat(249)] },
    })
  })

  it('are refused with what they were and what they may be, before anything is asked of Kafka', () => {
    for (const name of ['', ' billing', 'billing\n', 'a\0b', 'Zürich', 'x'.repeat(250), undefined])
      expect(() => refuseNames({ ...fine, name: name as string }), String(name)).to.throw(
        TypeError,
        /^name is .*249 characters/,
      )
    expect(() => refuseNames({ ...fine, source: '' })).to.throw(TypeError, 'source is ""')
    for (const topic of ['', '.', '..', 'a b', 'a/b', 'x'.repeat(250)])
      expect(() => refuseNames({ ...fine, handler: { ...handler, topics: [topic] } })).to.throw(
        TypeError,
        'cannot read the topic',
      )
  })
})

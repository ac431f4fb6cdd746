import { randomUUID } from 'node:crypto'
import type { ConsumedRecord } from '@boxoffice/kafka'
import { expect } from 'chai'
import { createJsonCodec } from './create-json-codec.ts'
import { createDecode } from './decode.ts'
import type { OutboxMessage } from './outbox-message.ts'
import type { StandardSchema } from './standard-schema.ts'

interface Order {
  readonly order: string
  readonly customer: string
}

/** What a validator that keeps to Standard Schema makes; checks that some members are text. */
function texts<Body>(...names: (keyof Body & string)[]): StandardSchema<Body> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        const wrong = names.filter(
          (name) => typeof (value as Record<string, unknown> | null)?.[name] !== 'string',
        )
        if (wrong.length === 0) return { value: value as Body }
        return { issues: wrong.map((name) => ({ message: 'is no text', path: [{ key: name }] })) }
      },
    },
  }
}

const orders = {
  topic: 'orders',
  source: 'shop',
  keyOf: (body: Order) => body.customer,
  subjectOf: (body: Order) => body.order,
}
const codec = createJsonCodec({
  'shop.OrderPlaced': { ...orders, schema: texts<Order>('order', 'customer') },
  'shop.OrderShipped': { ...orders, schema: texts<Order>('order', 'customer') },
})
const decode = createDecode(codec)
const body: Order = { order: 'o-1', customer: 'ann ☕' }

function sent(change: Partial<OutboxMessage> = {}): ConsumedRecord {
  const made = { ...codec.message('shop.OrderPlaced', { body, cause: 'o-1', time: new Date(0) }), ...change }
  const { topic, key, payload, headers } = made
  return {
    ...{ topic, partition: 0, offset: 3n },
    key: key === null ? null : Buffer.from(key),
    value: payload === null ? null : Buffer.from(payload),
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [name, Buffer.from(value as string)]),
    ),
  }
}

function poisonOf(record: ConsumedRecord) {
  const decoded = decode(record)
  return 'poison' in decoded ? decoded.poison : undefined
}

describe('a JSON codec', () => {
  it('makes key and subject of the body as its readers will have it', () => {
    const plain = texts<Order>('order', 'customer')['~standard']
    const lower: StandardSchema<Order> = {
      '~standard': {
        ...plain,
        validate: (value) => ({
          value: { ...(value as Order), customer: (value as Order).customer.toLowerCase() },
        }),
      },
    }
    const lowering = createJsonCodec({ 'shop.OrderPlaced': { ...orders, schema: lower } })
    const placed = { body: { order: 'o-1', customer: 'Ann' }, cause: 'o-1', time: new Date(0) }
    const { key, payload, headers, topic } = lowering.message('shop.OrderPlaced', placed)
    expect(Buffer.from(key ?? []).toString()).to.equal('ann')
    const record = { ...sent(), topic, key: Buffer.from(key ?? []), value: Buffer.from(payload ?? []) }
    const decoded = createDecode(lowering)({ ...record, headers: headers as Record<string, string> })
    expect('message' in decoded && decoded.message.body).to.deep.equal({ order: 'o-1', customer: 'ann' })
  })

  it('reads what it has sent, as a CloudEvent with a typed body', () => {
    const decoded = decode(sent())
    if (!('message' in decoded)) throw new Error(decoded.poison.error)
    expect(decoded.message).to.deep.include({
      type: 'shop.OrderPlaced',
      body,
      subject: 'o-1',
      key: 'ann ☕',
      time: new Date(0),
    })
    expect(sent().headers['content-type']?.toString()).to.equal('application/json')
  })

  it('sends the same id for the same cause, and what a message leads to names it', () => {
    const first = codec.message('shop.OrderPlaced', { body, cause: 'o-1', time: new Date() })
    expect(codec.message('shop.OrderPlaced', { body, cause: 'o-1', time: new Date() }).id).to.equal(first.id)
    expect(codec.message('shop.OrderShipped', { body, cause: 'o-1', time: new Date() }).id).not.to.equal(
      first.id,
    )
    const decoded = decode(sent())
    if (!('message' in decoded)) throw new Error(decoded.poison.error)
    const caused = codec.causedBy(decoded.message, 'shop.OrderShipped', { body, time: new Date() })
    expect(caused.headers).to.include({ ce_causationid: first.id, ce_subject: 'o-1' })
  })

  it('makes poison of what is no JSON, breaks its schema or its type, and says where without the value', () => {
    expect(poisonOf(sent({ payload: Buffer.from('{') }))?.reason).to.equal('UNDECODABLE')
    expect(poisonOf(sent({ payload: Buffer.from([0x22, 0xff, 0x22]) }))?.reason).to.equal('UNDECODABLE')
    expect(poisonOf(sent({ payload: null }))?.reason).to.equal('NULL_VALUE')
    for (const payload of ['null', '[]', '{"order":"o-1","customer":17}']) {
      const poison = poisonOf(sent({ payload: Buffer.from(payload) }))
      expect(poison?.reason).to.equal('RULE_VIOLATED')
      expect(poison?.error).to.include('customer: is no text').and.not.include('17')
    }
    expect(poisonOf(sent({ topic: 'payments' }))?.reason).to.equal('WRONG_TOPIC')
    expect(poisonOf(sent({ key: Buffer.from('bob') }))?.reason).to.equal('WRONG_KEY')
  })

  it('does not send what its readers would refuse', () => {
    const message = { body: { order: 'o-1' } as Order, cause: 'o-1', time: new Date() }
    expect(() => codec.message('shop.OrderPlaced', message)).to.throw('customer: is no text')
    expect(() => codec.message('shop.Typo' as 'shop.OrderPlaced', { ...message, body })).to.throw(
      'this codec has no type shop.Typo; it has shop.OrderPlaced, shop.OrderShipped',
    )
    expect(() => codec.message('shop.OrderPlaced', { body, time: new Date() })).to.throw('no cause')
  })

  it('says so where a schema answers later', () => {
    const later: StandardSchema<Order> = {
      '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: value as Order }) },
    }
    const slow = createJsonCodec({ 'shop.OrderPlaced': { ...orders, schema: later } })
    const decoded = createDecode(slow)(sent())
    expect('poison' in decoded && decoded.poison.error).to.include('answers later')
  })

  it('shows a body to an operator, and nothing where JSON cannot say it', () => {
    expect(codec.toJson?.({ type: 'shop.OrderPlaced', body })).to.equal(JSON.stringify(body))
    expect(codec.toJson?.({ type: 'shop.OrderPlaced', body: 1n })).to.equal('')
    expect(codec.decodeBody('shop.OrderPlaced', Buffer.from(JSON.stringify(body)))).to.deep.equal(body)
    expect(() => codec.decodeBody(randomUUID(), Buffer.from('{}'))).to.throw('no schema')
  })
})

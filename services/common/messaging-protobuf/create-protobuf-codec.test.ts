import { randomUUID } from 'node:crypto'
import { commandRecord, poisonRecords } from '@boxoffice/common/testing/consumer-records.ts'
import type { ConsumedRecord } from '@boxoffice/kafka'
import {
  PointUsedEventSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { createDecode } from '../messaging/message/decode.ts'
import { createMessage } from './create-message.ts'
import { createProtobufCodec } from './create-protobuf-codec.ts'

const decode = createDecode(createProtobufCodec([UsePointCommandSchema, PointUsedEventSchema]))
const broken = Buffer.from([0x66, 0xff, 0xfe])

function consumed(record: Partial<ConsumedRecord> = {}): ConsumedRecord {
  const { key, value, headers } = commandRecord()
  return {
    topic: 'point-commands',
    partition: 3,
    offset: 7n,
    key: Buffer.from(key as string),
    value,
    headers: asBuffers(headers),
    ...record,
  }
}

function asBuffers(headers: Readonly<Record<string, string | Buffer>>): Record<string, Buffer> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Buffer.from(value as string)]),
  )
}

function reasonOf(record: ConsumedRecord): string {
  const decoded = decode(record)
  return 'poison' in decoded ? decoded.poison.reason : 'none'
}

describe('decoding a record', () => {
  it('gives the message with its body, key and place', () => {
    const id = '7F1D0B1C-56D9-4A53-9C3B-0F5F1F0A9A11'
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const { headers, value } = commandRecord({ id })
    const decoded = decode(consumed({ headers: asBuffers({ ...headers, traceparent }), value }))
    if (!('message' in decoded)) throw new Error(decoded.poison.error)
    const { message } = decoded
    expect(message).to.include({
      id: id.toLowerCase(),
      type: 'boxoffice.point.v1.UsePointCommand',
      key: 'alice',
      topic: 'point-commands',
      partition: 3,
      offset: 7n,
      traceparent,
    })
    expect(message.body).to.include({ amount: 1n, userId: 'alice' })
    expect(message.time).to.be.instanceOf(Date)
  })

  it('refuses a type on a topic that its contract does not name', () => {
    for (const topic of ['point-events', 'point-commands-dlt', 'Point-commands', ''])
      expect(reasonOf(consumed({ topic })), topic).to.equal('WRONG_TOPIC')
  })

  it('refuses an id that is not derived from what its contract names', () => {
    const body = create(PointUsedEventSchema, {
      ...{ paymentId: randomUUID(), userId: 'ada', amount: 1n, success: true, time: timestampNow() },
    })
    const { topic, key, payload, headers } = createMessage({
      schema: PointUsedEventSchema,
      body,
      causationId: randomUUID(),
      time: new Date(),
    })
    const reason = (changed: Record<string, string>): string =>
      reasonOf({
        ...{
          topic,
          partition: 0,
          offset: 0n,
          key: Buffer.from(key ?? ''),
          value: Buffer.from(payload ?? ''),
        },
        headers: asBuffers({ ...(headers as Record<string, string>), ...changed }),
      })
    expect(reason({})).to.equal('none')
    expect(reason({ ce_id: randomUUID() })).to.equal('WRONG_ID')
    expect(reason({ ce_causationid: randomUUID() })).to.equal('WRONG_ID')
    expect(reason({ ce_causationid: '' })).to.equal('WRONG_ID')
  })

  for (const { what, reason, change } of poisonRecords) {
    it(`refuses ${what}`, () => {
      const { key, value, headers } = change(commandRecord())
      const record = consumed({
        key: key === null ? null : Buffer.from(key as string),
        value,
        headers: asBuffers(headers),
      })
      expect(reasonOf(record)).to.equal(reason)
    })
  }

  it('refuses a header that is needed and comes twice', () => {
    const { headers } = consumed()
    const twice = { ...headers, ce_id: [headers.ce_id as Buffer, headers.ce_id as Buffer] }
    expect(reasonOf(consumed({ headers: twice }))).to.equal('MISSING_HEADER')
  })

  it('refuses a broken header that comes twice and is not needed', () => {
    const twice = { ...consumed().headers, other: [Buffer.from('fine'), broken] }
    expect(reasonOf(consumed({ headers: twice }))).to.equal('UNCLEAN_HEADER')
  })
})

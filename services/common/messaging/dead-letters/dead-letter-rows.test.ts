import { randomUUID } from 'node:crypto'
import { commandRecord } from '@boxoffice/common/testing/consumer-records.ts'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { UsePointCommandSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import { createDecode } from '../message/decode.ts'
import type { PoisonReason } from '../message/poison.ts'
import { storedHeaders } from '../message/stored-headers.ts'
import { recordOf, type WholeDeadLetterRow, withoutRecord } from './dead-letter-rows.ts'

describe('a dead letter whose record is not kept whole', () => {
  const decode = createDecode(createProtobufCodec([UsePointCommandSchema]))

  it('is handled where the whole record is kept after all', () => {
    expect(withoutRecord(rowOf('HANDLER_FAILED', null))).to.equal(undefined)
    expect(decode(recordOf(rowOf('HANDLER_FAILED', null)))).to.have.property('message')
  })

  it('is no message, although its beginning may look like one', () => {
    const row = rowOf('UNKNOWN_TYPE', '70000')
    expect(withoutRecord(row)).to.include({
      reason: 'UNKNOWN_TYPE',
      error: 'only the beginning of its 70000 bytes was kept',
    })
    expect(decode(recordOf(row))).to.have.nested.property('poison.reason', 'TOO_LARGE')
  })

  it('keeps its reason where it is a batch that could not be read', () => {
    expect(withoutRecord(rowOf('UNREADABLE', null))).to.include({ reason: 'UNREADABLE' })
  })
})

function rowOf(reason: PoisonReason, payloadBytes: string | null): WholeDeadLetterRow {
  const { id, value, headers } = commandRecord()
  const place = { topic: 'point-commands', partition: 0, key: Buffer.from('alice') }
  return {
    ...place,
    dead_letter_id: randomUUID(),
    position: '1',
    consumer: 'point',
    message_id: id,
    offset: '0',
    type: UsePointCommandSchema.typeName,
    parks_key: true,
    payload_bytes: payloadBytes,
    payload_sha256: payloadBytes === null ? null : Buffer.alloc(32),
    reason,
    error: '',
    attempts: 1,
    state: 'PUT_ASIDE',
    outcome: null,
    put_aside_at: new Date(0).toISOString(),
    headers: storedHeaders({ ...place, offset: 0n, value, headers }),
    payload: value,
  }
}

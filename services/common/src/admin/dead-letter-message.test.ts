import { randomUUID } from 'node:crypto'
import type { MessageHandler } from '@boxoffice/messaging'
import { deriveMessageId } from '@boxoffice/messaging'
import { createProtobufCodec } from '@boxoffice/messaging-protobuf'
import { PointUsedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { create, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import type { WholeDeadLetterRow } from '../../messaging/dead-letters/dead-letter-rows.ts'
import { describeWholeDeadLetter } from '../../messaging/dead-letters/describe-dead-letter.ts'
import { storedHeaders } from '../../messaging/message/stored-headers.ts'
import { toWholeDeadLetter } from './dead-letter-message.ts'

describe('a dead letter', () => {
  it('shows its payload as JSON', () => {
    const { payloadJson } = toWholeDeadLetter(letterOf(1_800_000_000n))
    expect(JSON.parse(payloadJson)).to.include({ userId: 'ada', time: '2027-01-15T08:00:00Z' })
  })

  it('is shown without it where its payload is a message that JSON cannot say', () => {
    const { payload, payloadJson } = toWholeDeadLetter(letterOf(10n ** 15n))
    expect(payloadJson).to.equal('')
    expect(payload).not.to.equal(undefined)
  })
})

const handler: MessageHandler = {
  topics: ['point-events'],
  codec: createProtobufCodec([PointUsedEventSchema]),
  handle: async () => ({ outbox: [] }),
}

function letterOf(seconds: bigint) {
  return describeWholeDeadLetter(rowOf(seconds), [], handler)
}

/** An event of a time that protobuf can carry; past the year 9999 it has no form in JSON. */
function rowOf(seconds: bigint): WholeDeadLetterRow {
  const event = create(PointUsedEventSchema, {
    paymentId: randomUUID(),
    userId: 'ada',
    amount: 1n,
    success: true,
    time: { seconds, nanos: 0 },
  })
  const place = { topic: 'point-events', partition: 0, key: Buffer.from(event.paymentId) }
  const payload = Buffer.from(toBinary(PointUsedEventSchema, event))
  const causationId = randomUUID()
  const headers = {
    ce_specversion: '1.0',
    ce_id: deriveMessageId(PointUsedEventSchema.typeName, causationId),
    ce_causationid: causationId,
    ce_type: PointUsedEventSchema.typeName,
    ce_source: 'boxoffice/point',
    ce_time: new Date(0).toISOString(),
    ce_subject: event.paymentId,
    'content-type': 'application/protobuf',
  }
  return {
    ...place,
    dead_letter_id: randomUUID(),
    position: '1',
    consumer: 'payment',
    message_id: headers.ce_id,
    offset: '0',
    type: PointUsedEventSchema.typeName,
    parks_key: true,
    payload_bytes: null,
    payload_sha256: null,
    reason: 'HANDLER_FAILED',
    error: '',
    attempts: 1,
    state: 'PUT_ASIDE',
    outcome: null,
    put_aside_at: new Date(0).toISOString(),
    headers: storedHeaders({ ...place, offset: 0n, value: payload, headers }),
    payload,
  }
}

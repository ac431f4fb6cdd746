import {
  SeatsConfirmedEventSchema,
  SeatsRefusal,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { ReservationStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create, toBinary } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import type { MessageRow } from '../storage/read-messages.ts'
import { toFeedEvent } from './to-answers.ts'

const reservationId = 'c3d3ed0d-5b0a-4d39-a0ee-3e54b4c8d0f1'
const concertId = '7f3214a1-6052-5830-b59d-30cb4615f28e'
const heldAt = new Date('2026-11-23T12:00:00.123Z')

describe('an event of the stream', () => {
  it('names the reservation, its seats, its new status and its version', () => {
    const refused = create(SeatsConfirmedEventSchema, {
      paymentId: 'b0b0ed0d-5b0a-4d39-a0ee-3e54b4c8d0f1',
      reservationId,
      success: false,
      refusal: SeatsRefusal.RELEASED,
      reservation: {
        reservationId,
        concertId,
        userId: 'ada',
        seats: ['A-1-1', 'A-1-2'],
        status: ReservationStatus.RELEASED,
        version: 2,
        createTime: timestampFromDate(heldAt),
      },
    })
    const payload = Buffer.from(toBinary(SeatsConfirmedEventSchema, refused))
    expect(toFeedEvent(row(SeatsConfirmedEventSchema.typeName, payload), undefined).seats).to.deep.equal({
      reservationId,
      concertId,
      userId: 'ada',
      seats: ['A-1-1', 'A-1-2'],
      status: 'RELEASED',
      version: 2,
      createTime: heldAt.toISOString(),
    })
  })
})

function row(type: string, payload: Buffer): MessageRow {
  return {
    position: '1',
    recorded: '2026-11-23T12:10:00.000Z',
    topic: 'reservation-events',
    partition: 0,
    offset: '0',
    message_id: null,
    cause_id: null,
    payment_id: null,
    type,
    source: 'boxoffice/reservation',
    key: null,
    headers: {},
    payload,
    problem: null,
    made: '2026-11-23T12:10:00.000Z',
    published: '2026-11-23T12:10:00.000Z',
  }
}

import { PaymentProcessingEventSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  PointsChargedEventSchema,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { SeatsHeldEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { chargeName, holdName, isLost, type LostRow, LostRows, stepName } from './lost.ts'

describe('the loss of a database', () => {
  it('covers what its lost rows say and a client may have been answered', () => {
    const lost = new LostRows()
    lost.add([
      row('point-events', PointsChargedEventSchema, { transactionId: 'c1' }),
      row('point-events', PointUsedEventSchema, { paymentId: 'p1', success: true }),
      row('reservation-events', SeatsHeldEventSchema, { reservation: { reservationId: 'r1' } }),
      row('payment-events', PaymentProcessingEventSchema, { payment: { paymentId: 'p1', sequence: 2 } }),
    ])
    expect([...lost.since(0).keys()]).to.have.members([chargeName('c1'), holdName('r1'), stepName('p1', 2)])
  })

  it('excuses answers given until the database was back, and none after', () => {
    const lost = new LostRows()
    const startedAt = performance.now()
    lost.add([row('point-events', PointsChargedEventSchema, { transactionId: 'c1' })])
    const backMs = performance.now() - startedAt
    const lostUntil = lost.since(startedAt)
    expect(isLost(lostUntil, chargeName('c1'), 0)).to.equal(true)
    expect(isLost(lostUntil, chargeName('c1'), backMs + 1)).to.equal(false)
    expect(isLost(lostUntil, chargeName('c2'), 0)).to.equal(false)
  })
})

function row<Desc extends DescMessage>(topic: string, schema: Desc, fields: MessageInitShape<Desc>): LostRow {
  return {
    id: 1n,
    topic,
    type: schema.typeName,
    payload: Buffer.from(toBinary(schema, create(schema, fields))),
  }
}

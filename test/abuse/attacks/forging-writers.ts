import { randomUUID } from 'node:crypto'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { VerifiedProducer } from '@boxoffice/kafka'
import { deriveMessageId } from '@boxoffice/messaging'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import {
  PointUsedEventSchema,
  RefundPointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { SeatsConfirmedEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import type { ServiceName } from '../../../scripts/platform/databases.ts'
import { poisonHeader } from '../../faults/faults/poison.ts'
import type { Attack, Target } from '../attack.ts'
import { clientOf, tokenFor } from '../callers.ts'
import { openHall, seatName } from '../hall.ts'
import type { Tally } from '../tally.ts'

/**
 * A buyer with one point who has stolen the relays' Kafka passwords, and writes answers to his own payments with them.
 */
export const forgingWriters: Attack = {
  name: 'forging-writers',
  tries: "forged answers and refunds for own payments, with the relays' Kafka passwords",
  async run(target, tally, over) {
    const buyer = await newBuyer(target)
    const writers = writersOf(target, tally)
    const concert = await openHall(target)
    for (let nth = 0; !over.aborted && nth < concert.seatsTotal; nth++)
      await forge(buyer, writers, concert, nth, tally)
    if ((await buyer.points.getBalance({})).balance > 1n) tally.gotThrough('a forger has got points')
    await writers.close()
    buyer.close()
  },
}

type Buyer = Awaited<ReturnType<typeof newBuyer>>
type Writers = ReturnType<typeof writersOf>

/**
 * Checks out a payment that the buyer cannot pay, and writes every message that would complete it or give him points.
 */
async function forge(
  buyer: Buyer,
  writers: Writers,
  concert: Concert,
  nth: number,
  tally: Tally,
): Promise<void> {
  const { userId, seats, payments } = buyer
  const { concertId } = concert
  const held = await tally.count(() =>
    seats.holdSeats({ requestId: randomUUID(), concertId, seats: [seatName(nth)] }),
  )
  const reservation = held?.reservation
  if (reservation === undefined) return
  const { reservationId, totalPrice: amount } = reservation
  const checkedOut = await tally.count(() =>
    payments.checkout({ requestId: randomUUID(), reservationId, amount }),
  )
  const payment = checkedOut?.payment
  if (payment === undefined) return
  const { paymentId } = payment
  const time = timestampNow()
  const used = { paymentId, userId, amount, success: true, balance: 0n, time }
  const sold = { paymentId, reservationId, success: true, reservation, time }
  const refund = { paymentId, userId, amount }
  await writers.write('reservation', 'reservation-events', paymentId, PointUsedEventSchema, used, paymentId)
  await writers.write('point', 'point-events', paymentId, SeatsConfirmedEventSchema, sold, paymentId)
  await writers.write('reservation', 'point-commands', userId, RefundPointCommandSchema, refund, paymentId)
  await seats.releaseReservation({ requestId: randomUUID(), reservationId }).catch(() => {
    // The seat is sold, or the service is busy. The next attempt takes another seat.
  })
  const { payment: later } = await payments.getPayment({ paymentId })
  if (later?.status === PaymentStatus.COMPLETED) tally.gotThrough('a forged answer has completed a payment')
}

async function newBuyer(target: Target) {
  const userId = `forger-${randomUUID()}`
  const token = await tokenFor(target, userId, ['cashier'])
  const points = clientOf(target, PointService, 'point', token)
  await points.chargePoints({ requestId: randomUUID(), amount: 1n })
  const seats = clientOf(target, ReservationService, 'reservation', token)
  const payments = clientOf(target, CheckoutService, 'payment', token)
  return {
    userId,
    points,
    seats,
    payments,
    close() {
      for (const client of [points, seats, payments]) client.close()
    },
  }
}

/** Producers that write to Kafka as the relays do. Writes that Kafka does not allow are counted as refused. */
function writersOf(target: Target, tally: Tally) {
  const producerAs = (name: ServiceName) =>
    new VerifiedProducer({
      kafka: createKafka({ ...target.relays[name], clientId: 'abuse' }),
      patienceMs: 2_000,
    })
  const producers = { point: producerAs('point'), reservation: producerAs('reservation') }
  return {
    async write<Desc extends DescMessage>(
      relay: keyof typeof producers,
      topic: string,
      key: string,
      schema: Desc,
      body: MessageInitShape<Desc>,
      subject: string,
    ): Promise<void> {
      const headers = {
        [poisonHeader]: 'forged',
        ce_specversion: '1.0',
        ce_id: deriveMessageId(schema.typeName, randomUUID()),
        ce_type: schema.typeName,
        ce_source: `boxoffice/${relay}`,
        ce_time: new Date().toISOString(),
        ce_subject: subject,
        'content-type': 'application/protobuf',
      }
      const value = Buffer.from(toBinary(schema, create(schema, body)))
      const { deferred } = await producers[relay].send([{ topic, key: Buffer.from(key), value, headers }])
      tally.answer(deferred.length > 0 ? `Kafka refuses ${topic}` : `written to ${topic}`)
    },
    async close() {
      await Promise.all(Object.values(producers).map((producer) => producer.close()))
    },
  }
}

import { randomUUID } from 'node:crypto'
import { mock } from 'node:test'
import { query } from '@boxoffice/common/postgres/query.ts'
import { received } from '@boxoffice/common/testing/received.ts'
import { refusedWith } from '@boxoffice/common/testing/refusal.ts'
import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError, type DiscardOutcome, type ReceivedMessage } from '@boxoffice/messaging'
import {
  PointRefundedEventSchema,
  PointRefusal,
  type PointUsedEvent,
  PointUsedEventSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  SeatsConfirmedEventSchema,
  SeatsRefusal,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { timestampNow } from '@bufbuild/protobuf/wkt'
import { expect } from 'chai'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'
import { askAgain } from '../use-cases/ask-again.ts'
import { failOverdue } from '../use-cases/fail-overdue.ts'

describe('the answers that a payment gets', () => {
  let service: RunningPayment
  before(async () => {
    service = await startPayment()
  })
  after(() => service.stop())

  it('take a payment from PENDING to COMPLETED, each transition with its event, in one batch or in several', async () => {
    const one = await accept()
    const two = await accept()
    const sent = await handle([taken(one), taken(two), sold(one)])
    expect(sent.map(nameOf)).to.deep.equal([
      'PaymentProcessingEvent',
      'ConfirmSeatsCommand',
      'PaymentProcessingEvent',
      'ConfirmSeatsCommand',
      'PaymentCompletedEvent',
    ])
    expect(await statusOf(one)).to.equal('COMPLETED')
    expect(await statusOf(two)).to.equal('PROCESSING')
  })

  it('ask for the points back when the seats are refused', async () => {
    const paymentId = await accept()
    const sent = await handle([taken(paymentId), refused(paymentId), refunded(paymentId, 100n)])
    expect(sent.map(nameOf)).to.deep.equal([
      'PaymentProcessingEvent',
      'ConfirmSeatsCommand',
      'PaymentFailedEvent',
      'RefundPointCommand',
      'PaymentSettledEvent',
    ])
    expect(await statusOf(paymentId)).to.equal('FAILED')
  })

  it('change nothing when they come again', async () => {
    const paymentId = await accept()
    await handle([taken(paymentId), sold(paymentId)])
    expect(await handle([taken(paymentId), sold(paymentId), sold(paymentId)])).to.deep.equal([])
  })

  it('are an error, and change nothing, when they contradict what is known or the payment is unknown', async () => {
    const paymentId = await accept()
    await handle([taken(paymentId)])
    const contradiction = await handle([sold(paymentId), pointsRefused(paymentId)]).catch(String)
    expect(contradiction).to.contain('points were refused after they were taken')
    expect(await statusOf(paymentId), 'the batch was rolled back').to.equal('PROCESSING')
    expect(await handle([taken(randomUUID())]).catch(String)).to.contain('there is no payment')
  })

  it('are accepted only if they agree with the payment: user, amount, reservation, refunded points', async () => {
    const paymentId = await accept()
    const about = [
      [taken(paymentId, { userId: 'mallory' }), 'another user'],
      [taken(paymentId, { amount: 1n }), 'about 1 points'],
      [sold(paymentId, { userId: 'mallory' }), 'another user'],
      [sold(paymentId, { totalPrice: 1n }), 'about 1 points'],
      [refused(paymentId, randomUUID()), 'it pays for'],
    ] as const
    for (const [answer, why] of about) {
      const refusal = await handle([answer]).catch((error: unknown) => error)
      expect(refusal).to.be.instanceOf(ContradictsRecordError)
      expect(String(refusal)).to.contain(why)
    }
    expect(await statusOf(paymentId)).to.equal('PENDING')
    await handle([taken(paymentId), refused(paymentId)])
    for (const answer of [refunded(paymentId, 99n), refunded(paymentId, 100n, 'mallory')])
      expect(await handle([answer]).catch(String)).to.match(/of 100|another user/)
    expect((await handle([refunded(paymentId, 100n)])).map(nameOf)).to.deep.equal(['PaymentSettledEvent'])
  })

  it('complete nothing that point has not answered: payment asks again about sold seats, and does not give them up', async () => {
    const paymentId = await accept()
    expect((await handle([sold(paymentId)])).map(nameOf)).to.deep.equal(['PaymentProcessingEvent'])
    await overdue(paymentId)
    await failOverdue({ ...service.timers, answersRead: async () => true })
    const cancel = service.as('ada').cancelPayment({ requestId: randomUUID(), paymentId })
    expect(await refusedWith(cancel)).to.equal('FAILED_PRECONDITION PAYMENT_NOT_PENDING')
    expect(await statusOf(paymentId)).to.equal('PROCESSING')
    await due(paymentId)
    await askAgain(service.timers)
    expect(await outboxOf(paymentId, 'UsePointCommand')).to.have.length(2)
    expect((await handle([taken(paymentId)])).map(nameOf)).to.deep.equal(['PaymentCompletedEvent'])
  })

  it('are asked for again when they do not come, with another id each time', async () => {
    const paymentId = await accept()
    const first = await outboxOf(paymentId, 'UsePointCommand')
    await due(paymentId)
    await askAgain(service.timers)
    await due(paymentId)
    await askAgain(service.timers)
    const asked = await outboxOf(paymentId, 'UsePointCommand')
    expect(first).to.have.length(1)
    expect(new Set(asked).size).to.equal(3)
  })

  it('are not asked for again once the payment is final', async () => {
    const paymentId = await accept()
    await handle([pointsRefused(paymentId)])
    await due(paymentId)
    await askAgain(service.timers)
    expect(await outboxOf(paymentId, 'UsePointCommand')).to.have.length(1)
  })

  it('are waited for until the deadline; then the payment fails and asks for its points back', async () => {
    const paymentId = await accept()
    await failOverdue({ ...service.timers, answersRead: async () => true })
    expect(await statusOf(paymentId), 'before the deadline').to.equal('PENDING')
    await overdue(paymentId)
    await failOverdue({ ...service.timers, answersRead: async () => false })
    expect(await statusOf(paymentId), 'while answers are unread').to.equal('PENDING')
    await failOverdue({ ...service.timers, answersRead: async () => true })
    expect(await statusOf(paymentId)).to.equal('FAILED')
    expect(await outboxOf(paymentId, 'RefundPointCommand')).to.have.length(1)
    const sent = await handle([taken(paymentId), refunded(paymentId, 100n)])
    expect(sent.map(nameOf)).to.deep.equal(['PaymentSettledEvent', 'PaymentSettledEvent'])
  })

  it('may come while the user cancels: one of the two is first, and the points are refunded', async () => {
    const paymentId = await accept()
    const ada = service.as('ada')
    const cancel = ada.cancelPayment({ requestId: randomUUID(), paymentId }).then(
      () => 'cancelled',
      (error) => refusedWith(Promise.reject(error)),
    )
    const [outcome] = await Promise.all([cancel, handle([taken(paymentId)])])
    expect(outcome).to.be.oneOf(['cancelled', 'FAILED_PRECONDITION PAYMENT_NOT_PENDING'])
    expect(await statusOf(paymentId)).to.equal(outcome === 'cancelled' ? 'FAILED' : 'PROCESSING')
  })

  it("are dated by the database's clock, even if the clock of the process jumps", async () => {
    const paymentId = await accept()
    mock.timers.enable({ apis: ['Date'], now: new Date('2100-01-01') })
    try {
      await handle([taken(paymentId)])
    } finally {
      mock.timers.reset()
    }
    const [row] = await query<{ inOrder: boolean }>(
      service.database.em(),
      `SELECT max(occurred_at) FILTER (WHERE sequence = 2) >= max(occurred_at) FILTER (WHERE sequence = 1)
                AND max(occurred_at) <= clock_timestamp() AS "inOrder"
       FROM payment_transition WHERE payment_id = $1 HAVING count(*) = 2`,
      [paymentId],
    )
    expect(row).to.deep.equal({ inOrder: true })
  })

  it('are recorded with their own outcome when an operator discards them, and with no other', async () => {
    const paymentId = await accept()
    expect(await discard(taken(paymentId), 'REFUSED').catch(String)).to.contain('contradicts the message')
    expect((await discard(taken(paymentId), 'DONE')).map(nameOf)).to.deep.equal([
      'PaymentProcessingEvent',
      'ConfirmSeatsCommand',
    ])
    expect(await discard(pointsRefused(paymentId), 'REFUSED').catch(String)).to.contain(
      'points were refused after they were taken',
    )
    expect((await discard(refused(paymentId), 'REFUSED')).map(nameOf)).to.deep.equal([
      'PaymentFailedEvent',
      'RefundPointCommand',
    ])
    expect(await statusOf(paymentId)).to.equal('FAILED')
  })

  it('may be discarded with either outcome when nothing depends on them: the payment is final, or there is none', async () => {
    const paymentId = await accept()
    await handle([pointsRefused(paymentId)])
    expect(await discard(sold(paymentId), 'DONE').catch(String)).to.contain('a payment that had failed')
    expect(await discard(sold(paymentId), 'REFUSED')).to.deep.equal([])
    expect(await discard(sold(await accept(), { userId: 'mallory' }), 'REFUSED')).to.deep.equal([])
    expect(await discard(taken(randomUUID()), 'DONE')).to.deep.equal([])
  })

  async function accept(): Promise<string> {
    const checkout = { requestId: randomUUID(), reservationId: randomUUID(), amount: 100n }
    const { payment } = await service.as('ada').checkout(checkout)
    const { paymentId, reservationId } = payment ?? { paymentId: '', reservationId: '' }
    reservationOf.set(paymentId, reservationId)
    return paymentId
  }

  function handle(messages: Parameters<RunningPayment['handle']>[1]): Promise<readonly OutboxMessage[]> {
    return service.handle(service.handler, messages)
  }

  function discard(message: ReceivedMessage, outcome: DiscardOutcome): Promise<readonly OutboxMessage[]> {
    return service.database.transaction(async (em) => {
      const handled = await service.handler.discarding?.discard(em, message, outcome)
      return handled?.outbox ?? []
    })
  }

  async function statusOf(paymentId: string): Promise<string | undefined> {
    const [row] = await query<{ status: string }>(
      service.database.em(),
      `SELECT status FROM payment WHERE payment_id = $1`,
      [paymentId],
    )
    return row?.status
  }

  async function outboxOf(paymentId: string, name: string): Promise<string[]> {
    const rows = await query<{ message_id: string }>(
      service.database.em(),
      `SELECT message_id FROM outbox WHERE headers->>'ce_subject' = $1 AND type LIKE '%.' || $2`,
      [paymentId, name],
    )
    return rows.map((row) => row.message_id)
  }

  const due = (paymentId: string) =>
    move(paymentId, `ask_again_at = now() WHERE ask_again_at IS NOT NULL AND`)
  const overdue = (paymentId: string) => move(paymentId, `deadline = now() - interval '1 ms' WHERE`)

  async function move(paymentId: string, assignment: string): Promise<void> {
    await query(service.database.em(), `UPDATE payment SET ${assignment} payment_id = $1`, [paymentId])
  }
})

const userId = 'ada'
const amount = 100n
/** What each payment pays for. */
const reservationOf = new Map<string, string>()

function taken(paymentId: string, other: Partial<Pick<PointUsedEvent, 'userId' | 'amount'>> = {}) {
  const body = create(PointUsedEventSchema, {
    ...{ paymentId, userId, amount, success: true, time: timestampNow(), ...other },
  })
  return received(PointUsedEventSchema, body, paymentId)
}

function pointsRefused(paymentId: string) {
  const refusal = PointRefusal.INSUFFICIENT_POINTS
  const body = create(PointUsedEventSchema, { paymentId, userId, amount, refusal, time: timestampNow() })
  return received(PointUsedEventSchema, body, paymentId)
}

function refunded(paymentId: string, points: bigint, whose = userId) {
  const body = create(PointRefundedEventSchema, {
    ...{ paymentId, userId: whose, amount: points, time: timestampNow() },
  })
  return received(PointRefundedEventSchema, body, paymentId)
}

function sold(paymentId: string, other: Partial<Pick<Reservation, 'userId' | 'totalPrice'>> = {}) {
  const reservationId = reservationOf.get(paymentId) ?? randomUUID()
  const reservation = { reservationId, userId, totalPrice: amount, ...other }
  const body = create(SeatsConfirmedEventSchema, {
    ...{ paymentId, reservationId, success: true, reservation, time: timestampNow() },
  })
  return received(SeatsConfirmedEventSchema, body, paymentId)
}

function refused(paymentId: string, reservationId = reservationOf.get(paymentId) ?? '') {
  const refusal = SeatsRefusal.HOLD_EXPIRED
  const body = create(SeatsConfirmedEventSchema, {
    ...{ paymentId, reservationId, refusal, time: timestampNow() },
  })
  return received(SeatsConfirmedEventSchema, body, paymentId)
}

function nameOf(message: OutboxMessage): string {
  return message.type.slice(message.type.lastIndexOf('.') + 1)
}

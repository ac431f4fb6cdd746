import { randomBytes, randomUUID } from 'node:crypto'
import {
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '@boxoffice/common/testing/otlp-receiver.ts'
import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { type Customer, newConcert, newCustomer, present } from './support/customer.ts'
import { whilePaused } from './support/pause.ts'
import type { TestSystem } from './support/shared-system.ts'
import { sql } from './support/sql.ts'
import { startTestSystem } from './support/start-test-system.ts'
import { waitUntil } from './support/wait-until.ts'

const paid = [
  'SERVER boxoffice.payment.v1.CheckoutService/Checkout [payment]',
  '  CONSUMER process boxoffice.point.v1.UsePointCommand [point]',
  '    CONSUMER process boxoffice.point.v1.PointUsedEvent [payment]',
  '      CONSUMER process boxoffice.reservation.v1.ConfirmSeatsCommand [reservation]',
  '        CONSUMER process boxoffice.reservation.v1.SeatsConfirmedEvent [payment]',
  '          PRODUCER publish payment-events [outbox-relay-payment]',
  '        PRODUCER publish reservation-events [outbox-relay-reservation]',
  '      PRODUCER publish payment-events [outbox-relay-payment]',
  '      PRODUCER publish reservation-commands [outbox-relay-payment]',
  '    PRODUCER publish point-events [outbox-relay-point]',
  '  PRODUCER publish payment-events [outbox-relay-payment]',
  '  PRODUCER publish point-commands [outbox-relay-payment]',
]

/** The spans of a refund, indented below the span that caused it. */
const refund = (indent: string): string[] =>
  [
    'CONSUMER process boxoffice.point.v1.RefundPointCommand [point]',
    '  CONSUMER process boxoffice.point.v1.PointRefundedEvent [payment]',
    '    PRODUCER publish payment-events [outbox-relay-payment]',
    '  PRODUCER publish point-events [outbox-relay-point]',
    'PRODUCER publish payment-events [outbox-relay-payment]',
    'PRODUCER publish point-commands [outbox-relay-payment]',
  ].map((line) => `${indent}${line}`)

describe('the trace of a checkout', function () {
  this.timeout(180_000)
  let receiver: OtlpReceiver
  let system: TestSystem
  let ada: Customer

  before(async () => {
    receiver = await startOtlpReceiver()
    system = await startTestSystem({
      env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint, ASK_AGAIN_AFTER_MS: '5m', LOG_LEVEL: 'warn' },
    })
    ada = await newCustomer(system, { points: 1_000n })
    // The first row of an outbox may come twice, by the table and by the log, and so may its span.
    await ada.buy(await hold())
  })
  after(async () => {
    ada?.close()
    await system?.stop()
    await receiver?.stop()
  })

  const hold = async (): Promise<Reservation> => ada.hold(await newConcert(system), ['A-1-1'])

  /** Checks out as a caller with a trace of its own. */
  const checkout = async (reservation: Reservation, flags = '01'): Promise<Checkout> => {
    const traceId = randomBytes(16).toString('hex')
    const callerSpanId = randomBytes(8).toString('hex')
    const { payment } = await ada.payments.checkout(
      { requestId: randomUUID(), reservationId: reservation.reservationId, amount: reservation.totalPrice },
      { metadata: { traceparent: `00-${traceId}-${callerSpanId}-${flags}` } },
    )
    return { traceId, callerSpanId, paymentId: present(payment).paymentId }
  }

  const spansOf = ({ traceId }: Checkout): ReceivedSpan[] =>
    receiver.spans.filter((span) => span.traceId === traceId)

  const expectTree = async (bought: Checkout, lines: readonly string[]): Promise<void> => {
    await waitUntil(`${lines.length} spans`, async () => spansOf(bought).length >= lines.length).catch(
      () => undefined,
    )
    expect(treeOf(spansOf(bought), bought.callerSpanId)).to.deep.equal(lines)
  }

  it('leads from the call through outbox, Kafka and every service to COMPLETED', async () => {
    const bought = await checkout(await hold())
    await expectTree(bought, paid)

    const spans = spansOf(bought)
    for (const span of spans) {
      const parent = spans.find(({ spanId }) => spanId === span.parentSpanId)
      if (parent !== undefined) expect(span.startedAtMs, span.name).to.be.at.least(parent.startedAtMs - 1)
      if (span.kind === 'SERVER') continue
      expect(span.attributes, span.name).to.include({
        'messaging.system.name': 'kafka',
        'messaging.message.conversation_id': bought.paymentId,
      })
    }
    const [call] = spans.filter(({ kind }) => kind === 'SERVER')
    expect(call?.attributes).to.deep.equal({
      'rpc.system.name': 'grpc',
      'rpc.method': 'boxoffice.payment.v1.CheckoutService/Checkout',
      'rpc.status_code': 'OK',
    })
  })

  it('leads on through the compensation when the seats are refused', async () => {
    const reservation = await hold()
    const { reservationId } = reservation
    const refused = await whilePaused(system, 'point', async () => {
      const accepted = await checkout(reservation)
      await ada.reservations.releaseReservation({ requestId: randomUUID(), reservationId })
      return accepted
    })
    const answered = paid.findIndex((line) => line.includes('SeatsConfirmedEvent'))
    const lines = [...paid.slice(0, answered + 1), ...refund(' '.repeat(10)), ...paid.slice(answered + 2)]
    await expectTree(refused, lines)
  })

  it('goes on when a timer acts for the payment', async () => {
    const reservation = await hold()
    const point = present(system.processes.get('point'))
    point.kill('SIGSTOP')
    let late: Checkout
    try {
      late = await checkout(reservation)
      const { paymentId } = late
      await sql(system, 'payment', 'UPDATE payment SET deadline = now() WHERE payment_id = $1', [paymentId])
      await waitUntil('the deadline', async () => {
        const { payment } = await ada.payments.getPayment({ paymentId })
        return payment?.failureReason !== 0
      })
    } finally {
      point.kill('SIGCONT')
    }
    await ada.settled(late.paymentId)
    await waitUntil('the refund', async () =>
      spansOf(late).some(({ name }) => name.includes('PointRefunded')),
    )
    const timer = present(spansOf(late).find(({ name }) => name === 'timer DEADLINE_PASSED'))
    expect(timer).to.include({ service: 'payment', kind: 'INTERNAL' })
    expect(timer.attributes).to.deep.equal({ 'boxoffice.payment.id': late.paymentId })
    const call = present(spansOf(late).find(({ kind }) => kind === 'SERVER'))
    expect(timer.parentSpanId).to.equal(call.spanId)
    await waitUntil(
      'its messages',
      async () => treeOf(spansOf(late), timer.spanId).length === refund('').length,
    )
    expect(treeOf(spansOf(late), timer.spanId)).to.deep.equal(refund(''))
  })

  it('is not recorded when its caller does not sample it', async () => {
    const unseen = await checkout(await hold(), '00')
    await ada.settled(unseen.paymentId)
    const seen = await checkout(await hold())
    await expectTree(seen, paid)
    expect(spansOf(unseen)).to.deep.equal([])
  })

  it('is complete when the processes stop, links each message to its transaction, and names no user', async () => {
    const last = await checkout(await hold())
    await ada.settled(last.paymentId)
    await waitUntil('the outbox is empty', async () => {
      const [row] = await sql<{ rows: number }>(system, 'payment', 'SELECT count(*)::int AS rows FROM outbox')
      return row?.rows === 0
    })
    await system.stop()

    expect(treeOf(spansOf(last), last.callerSpanId)).to.deep.equal(paid)
    const transactions = new Map(
      receiver.spans
        .filter(({ name }) => name.startsWith('transaction '))
        .map((span) => [`${span.traceId}/${span.spanId}`, span]),
    )
    for (const span of receiver.spans.filter(({ kind }) => kind === 'CONSUMER')) {
      const [link] = span.links
      const transaction = transactions.get(`${link?.traceId}/${link?.spanId}`)
      expect(transaction?.service, span.name).to.equal(span.service)
      expect(transaction?.links, span.name).to.deep.include({
        traceId: span.traceId,
        spanId: span.parentSpanId,
      })
    }
    const exported = JSON.stringify(receiver.spans, (_, value) =>
      typeof value === 'bigint' ? String(value) : value,
    )
    expect(exported).to.not.include(ada.userId)
  })
})

interface Checkout {
  readonly traceId: string
  readonly callerSpanId: string
  readonly paymentId: string
}

/** One line for each span below `parentSpanId`: children under their parent, in the order of their names. */
function treeOf(spans: readonly ReceivedSpan[], parentSpanId: string, indent = ''): string[] {
  return spans
    .filter((span) => span.parentSpanId === parentSpanId)
    .map((span) => ({ span, line: `${indent}${span.kind} ${span.name} [${span.service}]` }))
    .sort((a, b) => (a.line < b.line ? -1 : 1))
    .flatMap(({ span, line }) => [line, ...treeOf(spans, span.spanId, `${indent}  `)])
}

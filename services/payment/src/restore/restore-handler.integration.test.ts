import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { appendToOutbox } from '@boxoffice/messaging'
import type { Applied, Fact } from '@boxoffice/messaging/operations'
import type { Message } from '@bufbuild/protobuf'
import { fromBinary } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { paymentEventSchemas } from '../contract/payment-events.ts'
import { createPaymentDecider } from '../domain/payment-decider.ts'
import type { SagaMessage } from '../domain/saga.ts'
import { paymentStore } from '../storage/payment-store.ts'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'
import { createPaymentParts } from '../use-cases/advance-payments.ts'
import { paymentRestoreHandler } from './restore-handler.ts'

describe('payments that a restore brings back from payment-events', () => {
  const decider = createPaymentDecider({ deadlineMs: 30_000, askAgainMs: 10_000, askAgainMaxMs: 300_000 })
  let service: RunningPayment

  beforeEach(async () => {
    service = await startPayment()
  })
  afterEach(() => service.stop())

  it('have their former state, history and traces', async () => {
    const completed = await pay({}, { type: 'POINTS_TAKEN' }, { type: 'SEATS_SOLD' })
    await pay({}, { type: 'POINTS_TAKEN' }, { type: 'SEATS_REFUSED', reason: 'HOLD_EXPIRED' })
    await pay({}, { type: 'CANCEL_REQUESTED' })
    const before = await everything()
    const facts = await published()
    await rows('DELETE FROM payment_transition')
    await rows('DELETE FROM payment')

    expect(await apply(facts)).to.deep.equal({ applied: facts.length, contradictions: [] })
    expect(await everything()).to.deep.equal(before)
    expect(await apply(facts), 'again').to.deep.equal({ applied: 0, contradictions: [] })
    expect(await everything()).to.deep.equal(before)
    expect(await askedAgainIn(completed)).to.equal(null)
  })

  it('make room for one another: one has failed, and another then pays for its reservation', async () => {
    const reservationId = randomUUID()
    await pay({ reservationId }, { type: 'CANCEL_REQUESTED' })
    await pay({ reservationId }, { type: 'POINTS_TAKEN' })
    const before = await everything()
    const facts = await published()
    // The backup knows only the first one, before it failed.
    await rows(`DELETE FROM payment_transition WHERE sequence = 2 OR payment_id IN (${secondPayment})`)
    await rows(`DELETE FROM payment WHERE payment_id IN (${secondPayment})`)
    await rows(`UPDATE payment SET refund = 'NONE', status = 'PENDING', failure_reason = NULL, sequence = 1`)

    expect(await apply(facts)).to.deep.equal({ applied: 3, contradictions: [] })
    expect(await everything()).to.deep.equal(before)
  })

  it('ask again after the wait that follows from their attempts so far', async () => {
    const paymentId = await pay({}, { type: 'ANSWER_MISSING' }, { type: 'ANSWER_MISSING' })
    await advance(paymentId, { type: 'POINTS_TAKEN' })
    const facts = await published()
    // The backup knows of two questions, and not of the answer.
    await rows(`DELETE FROM payment_transition WHERE sequence = 2`)
    await rows(
      `UPDATE payment SET points = 'UNKNOWN', status = 'PENDING', sequence = 1, ask_again_at = now()`,
    )
    await apply(facts)
    expect(await askedAgainIn(paymentId)).to.equal(40)
  })

  async function pay(
    checkoutFields: { reservationId?: string },
    ...messages: SagaMessage[]
  ): Promise<string> {
    const checkout = { requestId: randomUUID(), reservationId: randomUUID(), amount: 100n, ...checkoutFields }
    const { payment } = await service.as('ada').checkout(checkout)
    const paymentId = payment?.paymentId ?? ''
    for (const message of messages) await advance(paymentId, message)
    return paymentId
  }

  /** Advances the payment; the messages stay in the outbox. */
  async function advance(paymentId: string, message: SagaMessage): Promise<void> {
    await service.database.transaction(async (em) => {
      const step = { sagaId: paymentId, message, cause: { traceparent: undefined } }
      const { database } = service
      const { saga } = createPaymentParts({
        database,
        store: paymentStore,
        decider,
        watchers: { publish: () => undefined },
      })
      await appendToOutbox(em, (await saga.advance(em, [step])).outputs)
    })
  }

  async function published(): Promise<Fact[]> {
    const found = await rows<{ type: string; payload: Buffer; time: string; traceparent: string }>(
      selectPublished,
    )
    return found.map(({ type, payload, time, traceparent }) => ({
      type,
      body: decoded(type, payload),
      time: new Date(time),
      traceparent,
    }))
  }

  const apply = (facts: readonly Fact[]): Promise<Applied> =>
    service.serviceDatabase.transaction((em) => paymentRestoreHandler(decider).apply(em, facts))

  const everything = async () => [await rows(selectPayments), await rows(selectTransitions)]

  /** In whole seconds from the restore. */
  async function askedAgainIn(paymentId: string): Promise<number | null> {
    const [row] = await rows<{ seconds: number | null }>(
      `SELECT round(extract(epoch FROM ask_again_at - now()))::int AS seconds FROM payment WHERE payment_id = '${paymentId}'`,
    )
    return row?.seconds ?? null
  }

  const rows = <Row = unknown>(sql: string): Promise<Row[]> => query<Row>(service.database.em(), sql)
})

function decoded(type: string, payload: Buffer): Message {
  const schema = paymentEventSchemas.find(({ typeName }) => typeName === type)
  if (schema === undefined) throw new Error(`${type} is none of the payment events`)
  return fromBinary(schema, payload)
}

const secondPayment = `SELECT payment_id FROM payment WHERE status = 'PROCESSING'`

const selectPublished = `
  SELECT type, payload, headers->>'ce_time' AS time, headers->>'traceparent' AS traceparent
  FROM outbox WHERE topic = 'payment-events' ORDER BY id`

const selectPayments = `
  SELECT payment_id, user_id, reservation_id, amount, points, seats, refund, status, failure_reason, sequence, attempt,
    created_at, updated_at, deadline, traceparent
  FROM payment ORDER BY payment_id`

const selectTransitions = `SELECT * FROM payment_transition ORDER BY payment_id, sequence`

import { randomUUID } from 'node:crypto'
import { mock } from 'node:test'
import { query } from '@boxoffice/common/postgres/query.ts'
import { refusedWith } from '@boxoffice/common/testing/refusal.ts'
import { PaymentStatus } from '@boxoffice/proto/boxoffice/payment/v1/payment_pb.ts'
import { expect } from 'chai'
import { type RunningPayment, startPayment } from '../testing/start-payment.ts'

describe('CheckoutService', () => {
  let service: RunningPayment
  before(async () => {
    service = await startPayment()
  })
  after(() => service.stop())

  it('accepts a checkout and asks for the points in the same transaction', async () => {
    const { payment } = await service.as('ada').checkout(newCheckout())
    expect(payment).to.include({ userId: 'ada', status: PaymentStatus.PENDING, sequence: 1, final: false })
    const rows = await outboxRows(payment?.paymentId)
    expect(rows.map(({ topic, key }) => `${topic} ${key}`)).to.deep.equal([
      `payment-events ${payment?.paymentId}`,
      'point-commands ada',
    ])
  })

  it('waits for the end as long as the caller asks, and then answers with the current state', async () => {
    const started = Date.now()
    const { payment } = await service.as('ada').checkout({ ...newCheckout(), wait: { nanos: 300_000_000 } })
    expect(payment?.status).to.equal(PaymentStatus.PENDING)
    expect(Date.now() - started).to.be.at.least(290)
  })

  it('returns the same payment for the same request sent many times at once, and refuses it with other fields', async () => {
    const ada = service.as('ada')
    const request = newCheckout()
    const answers = await Promise.all(Array.from({ length: 20 }, () => ada.checkout(request)))
    expect(new Set(answers.map(({ payment }) => payment?.paymentId)).size).to.equal(1)
    expect(await outboxRows(answers[0]?.payment?.paymentId)).to.have.length(2)
    const changed = { ...request, amount: request.amount + 1n }
    expect(await refusedWith(ada.checkout(changed))).to.equal('ALREADY_EXISTS REQUEST_ID_REUSED')
    const { payment } = await service.as('bob').checkout({ ...newCheckout(), requestId: request.requestId })
    expect(payment?.paymentId, 'of another user').to.not.equal(answers[0]?.payment?.paymentId)
  })

  it('takes one unfailed payment for a reservation, and another one after the first has failed', async () => {
    const ada = service.as('ada')
    const first = newCheckout()
    const { payment } = await ada.checkout(first)
    const second = { ...newCheckout(), reservationId: first.reservationId }
    expect(await refusedWith(ada.checkout(second))).to.equal('FAILED_PRECONDITION RESERVATION_IN_PAYMENT')
    await ada.cancelPayment({ requestId: randomUUID(), paymentId: payment?.paymentId ?? '' })
    expect((await ada.checkout(second)).payment?.status).to.equal(PaymentStatus.PENDING)
  })

  it('cancels once, and answers a repeated cancellation with the present state', async () => {
    const ada = service.as('ada')
    const { payment } = await ada.checkout(newCheckout())
    const cancel = { requestId: randomUUID(), paymentId: payment?.paymentId ?? '' }
    const answers = await Promise.all([1, 2, 3].map(() => ada.cancelPayment(cancel)))
    expect(answers.map((answer) => answer.payment?.sequence)).to.deep.equal([2, 2, 2])
    const another = await ada.cancelPayment({ ...cancel, requestId: randomUUID() })
    expect(another.payment).to.include({ sequence: 2, status: PaymentStatus.FAILED })
  })

  it('publishes a cancellation to watchers once, however often it is requested, because each publication is counted', async () => {
    const ada = service.as('ada')
    const publish = mock.method(service.feed, 'publish')
    try {
      const { payment } = await ada.checkout(newCheckout())
      const cancel = { requestId: randomUUID(), paymentId: payment?.paymentId ?? '' }
      for (const requestId of [cancel.requestId, cancel.requestId, randomUUID()])
        await ada.cancelPayment({ ...cancel, requestId })
      const published = publish.mock.calls.flatMap((call) => call.arguments[0])
      expect(published.map(({ sequence }) => sequence)).to.deep.equal([2])
    } finally {
      publish.mock.restore()
    }
  })

  it('lists payments newest first, page by page, with their history, and only those of the caller', async () => {
    const dan = service.as('dan')
    const made: (string | undefined)[] = []
    for (let nth = 0; nth < 5; nth++) made.unshift((await dan.checkout(newCheckout())).payment?.paymentId)
    const listed: string[] = []
    let pageToken = ''
    do {
      const page = await dan.listPayments({ pageSize: 2, pageToken })
      listed.push(...page.payments.map(({ paymentId }) => paymentId))
      expect(page.payments.every(({ transitions }) => transitions.length === 1)).to.equal(true)
      pageToken = page.nextPageToken
    } while (pageToken !== '')
    expect(listed).to.deep.equal(made)
    expect((await service.as('stranger').listPayments({})).payments).to.deep.equal([])
  })

  it("answers the same for another user's payment as for one that does not exist", async () => {
    const { payment } = await service.as('ada').checkout(newCheckout())
    const eve = service.as('eve')
    for (const paymentId of [payment?.paymentId ?? '', randomUUID()]) {
      expect(await refusedWith(eve.getPayment({ paymentId }))).to.equal('NOT_FOUND PAYMENT_NOT_FOUND')
      const cancel = eve.cancelPayment({ requestId: randomUUID(), paymentId })
      expect(await refusedWith(cancel)).to.equal('NOT_FOUND PAYMENT_NOT_FOUND')
    }
  })

  it('accepts one of two checkouts at once that share a request id and differ', async () => {
    const ada = service.as('ada')
    const request = newCheckout()
    const outcomes = await Promise.all(
      [request.amount, request.amount + 1n, request.amount + 2n].map((amount) =>
        ada.checkout({ ...request, amount }).then(
          ({ payment }) => payment?.amount === amount,
          (error) => refusedWith(Promise.reject(error)),
        ),
      ),
    )
    expect(outcomes.toSorted()).to.deep.equal([
      'ALREADY_EXISTS REQUEST_ID_REUSED',
      'ALREADY_EXISTS REQUEST_ID_REUSED',
      true,
    ])
  })

  it('refuses bad input and changes nothing', async () => {
    const gus = service.as('gus')
    const good = newCheckout()
    const refused = [
      gus.checkout({ ...good, requestId: '' }),
      gus.checkout({ ...good, requestId: 'not-a-uuid' }),
      gus.checkout({ ...good, reservationId: '123' }),
      gus.checkout({ ...good, amount: 0n }),
      gus.checkout({ ...good, amount: -1n }),
      gus.checkout({ ...good, amount: 9_223_372_036_854_775_807n }),
      gus.checkout({ ...good, wait: { seconds: 61n } }),
      gus.getPayment({ paymentId: 'x' }),
      gus.listPayments({ pageSize: -1 }),
    ]
    for (const refusal of await Promise.all(refused.map(refusedWith))) {
      expect(refusal).to.equal('INVALID_ARGUMENT FIELD_VIOLATION')
    }
    const token = gus.listPayments({ pageToken: 'invented' })
    expect(await refusedWith(token)).to.equal('INVALID_ARGUMENT PAGE_TOKEN_INVALID')
    expect(await refusedWith(service.as().checkout(good))).to.equal('UNAUTHENTICATED TOKEN_MISSING')
    expect((await gus.listPayments({})).payments).to.deep.equal([])
  })

  function outboxRows(paymentId: string | undefined): Promise<{ topic: string; key: Buffer }[]> {
    const rowsOf = `SELECT topic, key FROM outbox WHERE headers->>'ce_subject' = $1 ORDER BY id`
    return query(service.database.em(), rowsOf, [paymentId])
  }
})

function newCheckout() {
  return { requestId: randomUUID(), reservationId: randomUUID(), amount: 100n }
}

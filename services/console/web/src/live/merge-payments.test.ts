import { expect } from 'chai'
import type { Books, FeedEvent, PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'
import { appendPage, markFaults, mergePayments, signOf } from './merge-payments.ts'

const everything = { status: '', user: '', id: '', faulty: false }

describe('the list of payments', () => {
  it('puts new payments on top, and changes known ones in place', () => {
    const list = mergePayments(listOf(2, 1), [eventOf(3), eventOf(1, 'COMPLETED')], everything)
    expect(shown(list)).to.deep.equal(['3 PENDING', '2 PENDING', '1 COMPLETED'])
  })

  it('keeps a state that is newer than that of an event', () => {
    const list = mergePayments(listOf(1), [eventOf(1, 'COMPLETED')], everything)
    expect(shown(mergePayments(list, [eventOf(1)], everything))).to.deep.equal(['1 COMPLETED'])
  })

  it('takes only payments that match its filter', () => {
    const list = mergePayments(listOf(), [eventOf(1), eventOf(2, 'COMPLETED')], {
      ...everything,
      status: 'COMPLETED',
    })
    expect(shown(list)).to.deep.equal(['2 COMPLETED'])
  })

  it('keeps the objects of unchanged rows, which need not be drawn again', () => {
    const before = listOf(2, 1)
    expect(mergePayments(before, [eventOf(3)], everything).payments[1]).to.equal(before.payments[0])
  })

  it('finds rows that were cut off its end among the older ones', () => {
    const full = mergePayments(
      listOf(),
      upTo(50).map((nth) => eventOf(nth)),
      everything,
    )
    expect([full.payments.length, full.next]).to.deep.equal([50, null])
    const { payments, next } = mergePayments(full, [eventOf(51), eventOf(52)], everything)
    expect([payments.length, payments[0]?.paymentId]).to.deep.equal([50, idOf(52)])
    expect(next).to.equal(`${timeOf(3)}/${idOf(3)}`)
  })

  it('keeps its length after more rows were read', () => {
    const long = listOf(...upTo(120).toReversed())
    expect(mergePayments(long, [eventOf(121)], everything).payments).to.have.lengthOf(120)
  })

  it('drops payments that no longer match its filter', () => {
    const pending = { ...everything, status: 'PENDING' }
    const list = mergePayments(listOf(2, 1), [eventOf(1, 'COMPLETED'), eventOf(3)], pending)
    expect(shown(list)).to.deep.equal(['3 PENDING', '2 PENDING'])
  })

  it('leaves payments that begin to match after its end to the older ones', () => {
    const completed = { ...everything, status: 'COMPLETED' }
    const list = { ...listOf(), payments: [payment(9, 'COMPLETED')], next: placeOf(5) }
    const merged = mergePayments(list, [eventOf(4, 'COMPLETED'), eventOf(6, 'COMPLETED')], completed)
    expect(shown(merged)).to.deep.equal(['9 COMPLETED', '6 COMPLETED'])
  })

  it('filters by the beginning of an id, with dashes or without, in upper or lower case', () => {
    for (const id of ['00000000-0000-4', '0000000000004000A', '00000000-0000-4000-a000-0000000000'])
      expect(shown(mergePayments(listOf(), [eventOf(1)], { ...everything, id })), id).to.have.lengthOf(1)
    expect(shown(mergePayments(listOf(), [eventOf(1)], { ...everything, id: '1' }))).to.have.lengthOf(0)
  })

  describe('while older rows are being read', () => {
    const full = { ...listOf(...upTo(50).map((nth) => 151 - nth)), next: placeOf(101) }
    const page = { ...listOf(...upTo(50).map((nth) => 101 - nth)), next: placeOf(51) }

    it('keeps every row, however many arrive, so that none is missing in the end', () => {
      const news = upTo(7).map((nth) => eventOf(150 + nth))
      const merged = mergePayments(full, news, everything, true)
      const list = appendPage(merged, placeOf(101), page)
      const nths = list.payments.map(({ paymentId }) => Number(paymentId.slice(-12)))
      expect(nths).to.deep.equal(
        upTo(107)
          .toReversed()
          .map((nth) => nth + 50),
      )
      expect(list.next).to.equal(placeOf(51))
    })

    it('has a row once that is in the page as well', () => {
      const list = appendPage({ ...full, payments: [...full.payments, payment(100)] }, placeOf(101), page)
      expect(list.payments).to.have.lengthOf(100)
    })

    it('ignores a page that begins after another end', () => {
      expect(appendPage(full, placeOf(102), page)).to.equal(full)
    })
  })

  describe('with broken books', () => {
    const faulty = { ...everything, faulty: true }
    const fault = { faults: ['paid-once'] }

    it('keeps a payment that is judged again until its verdict is right', () => {
      const list = { ...listOf(), payments: [{ ...payment(1), ...fault }] }
      const judgedAgain = mergePayments(list, [eventOf(1, 'COMPLETED')], faulty)
      expect(shown(judgedAgain)).to.deep.equal(['1 COMPLETED'])
      expect(
        shown(mergePayments(judgedAgain, [eventOf(1, 'COMPLETED', { faults: [] })], faulty)),
      ).to.deep.equal([])
    })

    it('takes only payments whose event reports broken books', () => {
      const list = mergePayments(listOf(), [eventOf(1), eventOf(2, 'COMPLETED', fault)], faulty)
      expect(shown(list)).to.deep.equal(['2 COMPLETED'])
    })

    it('marks only the rows that the books name', () => {
      const before = listOf(2, 1)
      const { payments } = markFaults(before, books({ 'paid-once': [idOf(1)], 'final-in-time': [idOf(2)] }))
      expect(payments[0]).to.equal(before.payments[0])
      expect(payments[1]?.faults).to.deep.equal(['paid-once'])
    })

    it('has another sign when the books name other payments, in any order', () => {
      const sign = signOf(books({ 'paid-once': [idOf(1), idOf(2)] }))
      expect(signOf(books({ 'paid-once': [idOf(2), idOf(1)], 'final-in-time': [idOf(3)] }))).to.equal(sign)
      expect(signOf(books({ 'paid-once': [idOf(1)] }))).not.to.equal(sign)
      expect(signOf(books({ 'paid-once': [] }))).not.to.equal(sign)
    })
  })
})

function listOf(...nths: number[]): PaymentList {
  return { payments: nths.map((nth) => payment(nth)), position: '1', next: null }
}

function eventOf(
  nth: number,
  status: PaymentSummary['status'] = 'PENDING',
  more: Partial<PaymentSummary> = {},
): FeedEvent {
  return {
    position: String(nth),
    topic: 'payment-events',
    partition: 0,
    offset: '0',
    type: 'boxoffice.payment.v1.PaymentAcceptedEvent',
    paymentId: idOf(nth),
    madeTime: timeOf(nth),
    recordedTime: timeOf(nth),
    problem: null,
    payment: { ...payment(nth, status), ...more },
  }
}

function payment(nth: number, status: PaymentSummary['status'] = 'PENDING'): PaymentSummary {
  return {
    paymentId: idOf(nth),
    userId: 'ada',
    reservationId: idOf(nth),
    amount: '100',
    status,
    failureReason: null,
    refund: 'NONE',
    sequence: status === 'PENDING' ? 1 : 3,
    final: status === 'COMPLETED',
    createTime: timeOf(nth),
    updateTime: timeOf(nth),
    faults: null,
    seats: [],
    concertId: null,
  }
}

function books(broken: Readonly<Record<string, readonly string[]>>): Books {
  const invariants = Object.entries({ 'one-sale': [], ...broken }).map(([id, some]) => ({
    ...{ id, text: id, checked: 1, broken: some },
  }))
  return {
    ...{ readThrough: null, completeSince: null, judged: 1, waiting: 0, before: 0, money: null },
    invariants,
  }
}

function idOf(nth: number): string {
  return `00000000-0000-4000-a000-${String(nth).padStart(12, '0')}`
}

function timeOf(nth: number): string {
  return new Date(Date.UTC(2026, 10, 23, 12, 0, 0, nth)).toISOString()
}

function placeOf(nth: number): string {
  return `${timeOf(nth)}/${idOf(nth)}`
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1)
}

function shown({ payments }: PaymentList): string[] {
  return payments.map(({ paymentId, status }) => `${Number(paymentId.slice(-12))} ${status}`)
}

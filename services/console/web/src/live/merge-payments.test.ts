import { expect } from 'chai'
import type { FeedEvent, PaymentList, PaymentSummary } from '../../../src/contract/answers.ts'
import { mergePayments } from './merge-payments.ts'

const everything = { status: '', user: '', id: '', faulty: false }

describe('the list of payments', () => {
  it('takes new payments on top, and what changes in its place', () => {
    const list = mergePayments(listOf(2, 1), [told(3), told(1, 'COMPLETED')], everything)
    expect(shown(list)).to.deep.equal(['3 PENDING', '2 PENDING', '1 COMPLETED'])
  })

  it('keeps a state that is newer than what it is told', () => {
    const list = mergePayments(listOf(1), [told(1, 'COMPLETED')], everything)
    expect(shown(mergePayments(list, [told(1)], everything))).to.deep.equal(['1 COMPLETED'])
  })

  it('takes only what its filter asks for', () => {
    const list = mergePayments(listOf(), [told(1), told(2, 'COMPLETED')], {
      ...everything,
      status: 'COMPLETED',
    })
    expect(shown(list)).to.deep.equal(['2 COMPLETED'])
  })

  it('leaves the same rows as they are, which need not be drawn again', () => {
    const before = listOf(2, 1)
    expect(mergePayments(before, [told(3)], everything).payments[1]).to.equal(before.payments[0])
  })

  it('finds what has fallen off its end among the older ones', () => {
    const full = mergePayments(
      listOf(),
      upTo(50).map((nth) => told(nth)),
      everything,
    )
    expect([full.payments.length, full.next]).to.deep.equal([50, null])
    const { payments, next } = mergePayments(full, [told(51), told(52)], everything)
    expect([payments.length, payments[0]?.paymentId]).to.deep.equal([50, idOf(52)])
    expect(next).to.equal(`${timeOf(3)}/${idOf(3)}`)
  })

  it('stays as long as it was made by asking for more', () => {
    const long = listOf(...upTo(120).toReversed())
    expect(mergePayments(long, [told(121)], everything).payments).to.have.lengthOf(120)
  })
})

function listOf(...nths: number[]): PaymentList {
  return { payments: nths.map((nth) => payment(nth)), position: '1', next: null }
}

function told(nth: number, status: PaymentSummary['status'] = 'PENDING'): FeedEvent {
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
    payment: payment(nth, status),
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

const idOf = (nth: number): string => `00000000-0000-4000-8000-${String(nth).padStart(12, '0')}`
const timeOf = (nth: number): string => new Date(Date.UTC(2026, 10, 23, 12, 0, 0, nth)).toISOString()
const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1)
const shown = ({ payments }: PaymentList): string[] =>
  payments.map(({ paymentId, status }) => `${Number(paymentId.slice(-12))} ${status}`)

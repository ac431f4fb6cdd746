import { expect } from 'chai'
import { judgePayment, type PaymentBooks } from './judge-payment.ts'

const path = (...statuses: string[]) => statuses.map((status, index) => ({ sequence: index + 1, status }))

const completed: PaymentBooks = {
  status: 'COMPLETED',
  refund: 'NONE',
  sequence: 3,
  amount: 100n,
  transitions: path('PENDING', 'PROCESSING', 'COMPLETED'),
  debits: [100n],
  refunds: [],
  sale: { price: 100n, seats: 1 },
  rivals: 0,
}

const failed: PaymentBooks = {
  ...completed,
  status: 'FAILED',
  refund: 'DONE',
  sequence: 4,
  transitions: path('PENDING', 'PROCESSING', 'FAILED', 'FAILED'),
  refunds: [100n],
  sale: null,
}

describe('the books of a payment', () => {
  const cases: [string, PaymentBooks, string[]][] = [
    ['hold when its points were taken once and its seats sold', completed, []],
    ['hold when all points came back', failed, []],
    ['hold when no points were ever taken', { ...failed, debits: [], refunds: [] }, []],
    ['are broken by a second debit', { ...completed, debits: [100n, 100n] }, ['paid-once']],
    ['are broken by a missing debit', { ...completed, debits: [] }, ['paid-once']],
    ['are broken by a refund of a completed payment', { ...completed, refunds: [100n] }, ['paid-once']],
    [
      'are broken by seats at another price',
      { ...completed, sale: { price: 90n, seats: 1 } },
      ['seats-sold'],
    ],
    ['are broken by seats that were never sold', { ...completed, sale: null }, ['seats-sold']],
    ['are broken by points that were kept', { ...failed, refunds: [] }, ['nothing-kept']],
    ['are broken by a refund of too much', { ...failed, refunds: [100n, 100n] }, ['nothing-kept']],
    ['are broken by a seat of a failed payment', { ...failed, sale: completed.sale }, ['nothing-kept']],
    ['are broken by a seat that is sold twice', { ...completed, rivals: 1 }, ['one-sale']],
    [
      'are broken by a gap in its history',
      { ...completed, transitions: path('PENDING', 'PROCESSING', 'COMPLETED').toSpliced(1, 1) },
      ['history-is-a-path'],
    ],
    [
      'are broken by a final state that changed',
      { ...failed, transitions: path('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED') },
      ['history-is-a-path'],
    ],
  ]
  for (const [what, books, broken] of cases) {
    it(what, () => expect(judgePayment(books)).to.deep.equal(broken))
  }
})

import { expect } from 'chai'
import { discardRefund, discardUse } from './discard.ts'
import { type Debit, refundPoints, usePoints } from './wallet.ts'

const request = { paymentId: 'p', userId: 'ada', amount: 60n }
const wallet = { userId: 'ada', balance: 100n }
const taken: Debit = { ...request, refusal: null, refunded: null }
const refused: Debit = { ...request, refusal: 'INSUFFICIENT_POINTS', refunded: null }
const refunded: Debit = { ...request, refusal: null, refunded: 60n }

describe('a debit that an operator discards', () => {
  it('is refused for ever', () => {
    const debit = discardUse(undefined, request, 'REFUSED')
    expect(debit).to.deep.equal({ ...request, refusal: 'DISCARDED', refunded: null })
    expect(usePoints(wallet, debit, request)).to.deep.equal({ debit, entry: undefined })
    expect(refundPoints(wallet, debit, request)).to.deep.include({ entry: undefined })
  })

  it('keeps the recorded outcome', () => {
    expect(discardUse(taken, request, 'DONE')).to.equal(taken)
    expect(discardUse(refused, request, 'REFUSED')).to.equal(refused)
  })

  it('cannot be discarded with an outcome that contradicts the ledger', () => {
    expect(discardUse(undefined, request, 'DONE')).to.equal(undefined)
    expect(discardUse(taken, request, 'REFUSED')).to.equal(undefined)
    expect(discardUse(refused, request, 'DONE')).to.equal(undefined)
  })
})

describe('a refund that an operator discards', () => {
  it('refunds nothing if nothing was taken, and closes the payment', () => {
    const tombstone = discardRefund(undefined, request, 'REFUSED')
    expect(tombstone).to.deep.equal({ ...request, refusal: 'DISCARDED', refunded: 0n })
    expect(usePoints(wallet, tombstone, request)).to.deep.include({ entry: undefined })
    expect(discardRefund(refused, request, 'REFUSED')).to.deep.equal({ ...refused, refunded: 0n })
  })

  it('keeps the recorded outcome', () => {
    expect(discardRefund(refunded, request, 'DONE')).to.equal(refunded)
  })

  it('cannot be discarded with an outcome that contradicts what is recorded', () => {
    expect(discardRefund(taken, request, 'REFUSED')).to.equal(undefined)
    expect(discardRefund(taken, request, 'DONE')).to.equal(undefined)
    expect(discardRefund(refunded, request, 'REFUSED')).to.equal(undefined)
    expect(discardRefund(undefined, request, 'DONE')).to.equal(undefined)
  })
})

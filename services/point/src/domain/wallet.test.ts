import { expect } from 'chai'
import fc from 'fast-check'
import { balanceMax, chargePoints, type Debit, refundPoints, usePoints, type Wallet } from './wallet.ts'

const wallet: Wallet = { userId: 'ada', balance: 100n }
const request = { paymentId: 'p1', userId: 'ada', amount: 60n }
const taken: Debit = { ...request, refusal: null, refunded: null }

describe('the wallet', () => {
  it('takes points for a payment that it can pay', () => {
    const { debit, entry } = usePoints(wallet, undefined, request)
    expect(debit).to.deep.equal(taken)
    expect(entry).to.include({ kind: 'DEBIT', amount: 60n, balance: 40n, paymentId: 'p1' })
  })

  it('refuses a payment that is larger than the balance, and records that', () => {
    const { debit, entry } = usePoints({ ...wallet, balance: 59n }, undefined, request)
    expect(debit.refusal).to.equal('INSUFFICIENT_POINTS')
    expect(entry).to.equal(undefined)
  })

  it('refuses a user without a wallet', () => {
    expect(usePoints(undefined, undefined, request).debit.refusal).to.equal('UNKNOWN_WALLET')
  })

  it('answers a known payment with the recorded outcome, whatever the balance is now', () => {
    expect(usePoints(wallet, taken, request)).to.deep.equal({ debit: taken, entry: undefined })
    const refused: Debit = { ...request, refusal: 'INSUFFICIENT_POINTS', refunded: null }
    expect(usePoints(wallet, refused, request)).to.deep.equal({ debit: refused, entry: undefined })
    const refunded: Debit = { ...taken, refunded: 60n }
    expect(usePoints(wallet, refunded, request)).to.deep.equal({ debit: refunded, entry: undefined })
  })

  it('refunds what was taken', () => {
    const { debit, entry } = refundPoints({ ...wallet, balance: 40n }, taken, request)
    expect(debit.refunded).to.equal(60n)
    expect(entry).to.include({ kind: 'REFUND', amount: 60n, balance: 100n, paymentId: 'p1' })
  })

  it('refunds a payment once', () => {
    const refunded: Debit = { ...taken, refunded: 60n }
    expect(refundPoints(wallet, refunded, request)).to.deep.equal({ debit: refunded, entry: undefined })
  })

  it('refunds what was taken, not what the refund asks for', () => {
    expect(refundPoints(wallet, taken, { ...request, amount: 61n }).entry?.amount).to.equal(60n)
  })

  it('has nothing to refund for a payment that it refused', () => {
    const refused: Debit = { ...request, refusal: 'INSUFFICIENT_POINTS', refunded: null }
    expect(refundPoints(wallet, refused, request)).to.deep.equal({
      debit: { ...refused, refunded: 0n },
      entry: undefined,
    })
  })

  it('closes an unknown payment at its refund, so that a debit that comes later is refused', () => {
    const tombstone = refundPoints(wallet, undefined, request)
    expect(tombstone).to.deep.equal({
      debit: { ...request, refusal: 'CANCELLED', refunded: 0n },
      entry: undefined,
    })
    expect(usePoints(wallet, tombstone.debit, request).debit.refusal).to.equal('CANCELLED')
  })

  it('charges up to the limit of a balance and no further', () => {
    const nearlyFull = { ...wallet, balance: balanceMax - 10n }
    expect(chargePoints(nearlyFull, 10n)?.balance).to.equal(balanceMax)
    expect(chargePoints(nearlyFull, 11n)).to.equal(undefined)
  })

  it('takes and refunds each payment at most once in any order of repeated commands, and is never below zero', () => {
    const command = fc.record({
      kind: fc.constantFrom('use', 'refund'),
      paymentId: fc.constantFrom('p1', 'p2', 'p3'),
      amount: fc.bigInt({ min: 1n, max: 80n }),
    })
    fc.assert(
      fc.property(fc.array(command, { maxLength: 30 }), (commands) => {
        let present: Wallet = wallet
        const debits = new Map<string, Debit>()
        const kinds = new Set<string>()
        for (const { kind, paymentId, amount } of commands) {
          const apply = kind === 'use' ? usePoints : refundPoints
          const decision = apply(present, debits.get(paymentId), { paymentId, userId: 'ada', amount })
          debits.set(paymentId, decision.debit)
          if (decision.entry === undefined) continue
          const moved = `${decision.entry.kind} ${paymentId}`
          expect(kinds.has(moved), moved).to.equal(false)
          kinds.add(moved)
          present = { userId: 'ada', balance: decision.entry.balance }
          expect(present.balance >= 0n).to.equal(true)
        }
        const out = [...debits.values()].filter((debit) => debit.refusal === null)
        const missing = out.reduce((sum, debit) => sum + debit.amount - (debit.refunded ?? 0n), 0n)
        expect(present.balance).to.equal(wallet.balance - missing)
      }),
    )
  })
})

import { expect } from 'chai'
import fc from 'fast-check'
import { type KnownWallet, restoreWallet, type WalletFact } from './restore-wallet.ts'
import type { Debit } from './wallet.ts'

const user = 'ada'
const at = (second: number): Date => new Date(Date.UTC(2026, 10, 23, 10, 0, second))

describe('a wallet that is restored', () => {
  it('gets the charges, debits and refunds that it lacks, with their balances and times', () => {
    const restored = restoreWallet(known(50n), [
      charged('c1', 100n, 1),
      taken('p1', 120n, 2),
      refunded('p1', 120n, 3),
      refused('p2', 900n, 4),
    ])
    expect(rowsOf(restored)).to.deep.equal(['CHARGE 100 → 150', 'DEBIT 120 → 30', 'REFUND 120 → 150'])
    expect(restored.entries.map(({ time }) => time)).to.deep.equal([at(1), at(2), at(3)])
    expect(restored.debits).to.deep.equal([
      debit('p1', 120n, { refunded: 120n }),
      debit('p2', 900n, { refusal: 'INSUFFICIENT_POINTS' }),
    ])
    expect(restored).to.deep.include({ applied: 4, contradictions: [] })
  })

  it('keeps what it knows, so that restoring everything twice changes nothing', () => {
    const before = known(10n, ['c1'], [debit('p1', 5n, { refunded: 5n }), debit('p2', 7n)])
    const facts = [charged('c1', 100n, 1), taken('p1', 5n, 2), refunded('p1', 5n, 3), taken('p2', 7n, 4)]
    expect(restoreWallet(before, facts)).to.deep.equal({
      debits: [],
      entries: [],
      applied: 0,
      contradictions: [],
    })
  })

  it('enters charges and refunds first where clocks have put a debit before its points', () => {
    const restored = restoreWallet(known(0n), [taken('p1', 100n, 1), charged('c1', 100n, 2)])
    expect(rowsOf(restored)).to.deep.equal(['CHARGE 100 → 100', 'DEBIT 100 → 0'])
  })

  it('takes the first of two answers for a payment', () => {
    const restored = restoreWallet(known(100n), [refused('p1', 60n, 1), taken('p1', 60n, 2)])
    expect(restored.debits).to.deep.equal([debit('p1', 60n, { refusal: 'INSUFFICIENT_POINTS' })])
    expect(restored.entries).to.deep.equal([])
  })

  it('takes what was published as taken, although it has refused it since the database came back', () => {
    const before = known(100n, [], [debit('p1', 60n, { refusal: 'INSUFFICIENT_POINTS' })])
    const restored = restoreWallet(before, [taken('p1', 60n, 1)])
    expect(restored.debits).to.deep.equal([debit('p1', 60n)])
    expect(rowsOf(restored)).to.deep.equal(['DEBIT 60 → 40'])
  })

  it('refunds what was published as refused, although it has taken it since the database came back, and reports that', () => {
    const restored = restoreWallet(known(40n, [], [debit('p1', 60n)]), [refused('p1', 60n, 1)])
    expect(rowsOf(restored)).to.deep.equal(['REFUND 60 → 100'])
    expect(restored.contradictions).to.have.length(1)
  })

  it('infers from a refund that there was a debit', () => {
    const restored = restoreWallet(known(80n), [refunded('p1', 60n, 1)])
    expect(rowsOf(restored)).to.deep.equal(['DEBIT 60 → 20', 'REFUND 60 → 80'])
    expect(restored.debits).to.deep.equal([debit('p1', 60n, { refunded: 60n })])
  })

  it('records that there was nothing to refund, and leaves that to the command if it knows no amount', () => {
    const before = known(0n, [], [debit('p1', 60n, { refusal: 'CANCELLED' })])
    const restored = restoreWallet(before, [refunded('p1', 0n, 1), refunded('p2', 0n, 2)])
    expect(restored.debits).to.deep.equal([debit('p1', 60n, { refusal: 'CANCELLED', refunded: 0n })])
  })

  it('never goes below zero, and reports points that have been spent since', () => {
    const restored = restoreWallet(known(50n), [taken('p1', 60n, 1)])
    expect(restored).to.deep.include({ debits: [], entries: [], applied: 0 })
    expect(restored.contradictions).to.have.length(1)
  })

  it('reaches the former balance, whatever was lost and in whatever order it was published', () => {
    fc.assert(
      fc.property(histories, fc.nat(), fc.infiniteStream(fc.nat()), ({ facts }, cut, order) => {
        const kept = facts.slice(0, cut % (facts.length + 1))
        const whole = stateAfter(facts)
        const restored = restoreWallet(stateAfter(kept), shuffled(facts, order))
        expect(restored.contradictions).to.deep.equal([])
        const balance = restored.entries.at(-1)?.entry.balance ?? stateAfter(kept).wallet.balance
        expect(balance).to.equal(whole.wallet.balance)
        const debits = new Map([
          ...stateAfter(kept).debits,
          ...restored.debits.map((debit) => [debit.paymentId, debit] as const),
        ])
        expect([...debits.values()].sort(byPayment)).to.deep.equal([...whole.debits.values()].sort(byPayment))
      }),
    )
  })
})

/** Possible histories: points are charged, taken where there are enough, and refunded once. */
const histories = fc
  .array(fc.record({ what: fc.constantFrom('charge', 'use', 'refund'), amount: fc.bigInt(1n, 100n) }), {
    maxLength: 20,
  })
  .map((steps) => {
    const facts: WalletFact[] = []
    const open: { paymentId: string; amount: bigint }[] = []
    let balance = 0n
    for (const [nth, { what, amount }] of steps.entries()) {
      if (what === 'charge') {
        facts.push(charged(`c${nth}`, amount, nth))
        balance += amount
      } else if (what === 'use') {
        const paymentId = `p${nth}`
        const enough = balance >= amount
        facts.push(enough ? taken(paymentId, amount, nth) : refused(paymentId, amount, nth))
        if (!enough) continue
        balance -= amount
        open.push({ paymentId, amount })
      } else {
        const payment = open.pop()
        if (payment === undefined) continue
        facts.push(refunded(payment.paymentId, payment.amount, nth))
        balance += payment.amount
      }
    }
    return { facts }
  })

/** The wallet as the service stores it after these facts. */
function stateAfter(facts: readonly WalletFact[]): KnownWallet {
  const charges = new Set<string>()
  const debits = new Map<string, Debit>()
  let balance = 0n
  for (const fact of facts) {
    if (fact.type === 'CHARGED') {
      charges.add(fact.transactionId)
      balance += fact.amount
    } else if (fact.type === 'REFUSED') {
      debits.set(fact.paymentId, debit(fact.paymentId, fact.amount, { refusal: fact.refusal }))
    } else {
      const isRefund = fact.type === 'REFUNDED'
      debits.set(
        fact.paymentId,
        debit(fact.paymentId, fact.amount, isRefund ? { refunded: fact.amount } : {}),
      )
      balance += isRefund ? fact.amount : -fact.amount
    }
  }
  return { wallet: { userId: user, balance }, charges, debits }
}

function shuffled<T>(items: readonly T[], order: Iterator<number>): T[] {
  const keyed = items.map((item) => ({ item, key: order.next().value as number }))
  return keyed.sort((left, right) => left.key - right.key).map(({ item }) => item)
}

function byPayment(one: Debit, other: Debit): number {
  return one.paymentId < other.paymentId ? -1 : 1
}

function known(balance: bigint, charges: string[] = [], debits: Debit[] = []): KnownWallet {
  return {
    wallet: { userId: user, balance },
    charges: new Set(charges),
    debits: new Map(debits.map((debit) => [debit.paymentId, debit])),
  }
}

function debit(paymentId: string, amount: bigint, more: Partial<Debit> = {}): Debit {
  return { paymentId, userId: user, amount, refusal: null, refunded: null, ...more }
}

function charged(transactionId: string, amount: bigint, second: number): WalletFact {
  return { type: 'CHARGED', transactionId, amount, time: at(second) }
}

function taken(paymentId: string, amount: bigint, second: number): WalletFact {
  return { type: 'TAKEN', paymentId, amount, time: at(second) }
}

function refused(paymentId: string, amount: bigint, second: number): WalletFact {
  return { type: 'REFUSED', paymentId, amount, refusal: 'INSUFFICIENT_POINTS', time: at(second) }
}

function refunded(paymentId: string, amount: bigint, second: number): WalletFact {
  return { type: 'REFUNDED', paymentId, amount, time: at(second) }
}

function rowsOf({ entries }: ReturnType<typeof restoreWallet>): string[] {
  return entries.map(({ entry }) => `${entry.kind} ${entry.amount} → ${entry.balance}`)
}

import { expect } from 'chai'
import { acceptPayment, type Payment } from './payment.ts'
import { restorePayments } from './restore-payments.ts'

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 23, 10, 0, second))

describe('payments that are restored', () => {
  it('have the state that was published last, with every transition that led to it', () => {
    const facts = [accepted('p1', 'r1'), processing('p1', 'r1'), completed('p1', 'r1')]
    const restored = restorePayments(known(), facts)
    expect(restored).to.deep.equal({
      payments: [completed('p1', 'r1')],
      transitions: facts,
      applied: 3,
      contradictions: [],
    })
  })

  it('stay as they are where everything is known', () => {
    const restored = restorePayments(known(completed('p1', 'r1')), [
      accepted('p1', 'r1'),
      completed('p1', 'r1'),
    ])
    expect(restored).to.deep.equal({ payments: [], transitions: [], applied: 0, contradictions: [] })
  })

  it('continue from the stored state, and keep the number of their attempts', () => {
    const restored = restorePayments(known({ ...accepted('p1', 'r1'), attempt: 4 }), [
      accepted('p1', 'r1'),
      processing('p1', 'r1'),
    ])
    expect(restored.payments).to.deep.equal([{ ...processing('p1', 'r1'), attempt: 4 }])
    expect(restored.transitions).to.deep.equal([processing('p1', 'r1')])
  })

  it('are written first where they have failed, so that the next payment of their reservation fits', () => {
    const facts = [accepted('p2', 'r1'), accepted('p1', 'r1'), failed('p1', 'r1')]
    for (const before of [known(), known(accepted('p1', 'r1'))]) {
      const restored = restorePayments(before, facts)
      expect(restored.payments).to.deep.equal([failed('p1', 'r1'), accepted('p2', 'r1')])
      expect(restored.contradictions).to.deep.equal([])
    }
  })

  it('report another payment for the reservation that was accepted after the database came back', () => {
    const restored = restorePayments(known(accepted('p9', 'r1')), [accepted('p1', 'r1')])
    expect(restored).to.deep.include({ payments: [], transitions: [], applied: 0 })
    expect(restored.contradictions).to.have.length(1)
  })

  it('do not collide with a stranger’s payment for the same reservation', () => {
    const strangers = { ...accepted('p9', 'r1'), userId: 'eve' }
    const restored = restorePayments(known(strangers), [accepted('p1', 'r1')])
    expect(restored).to.deep.include({ payments: [accepted('p1', 'r1')], contradictions: [] })
  })

  it('report that the first part of their history is missing', () => {
    const restored = restorePayments(known(), [completed('p1', 'r1')])
    expect(restored.payments).to.deep.equal([completed('p1', 'r1')])
    expect(restored.contradictions).to.have.length(1)
  })
})

function known(...payments: Payment[]): Map<string, Payment> {
  return new Map(payments.map((payment) => [payment.paymentId, payment]))
}

function accepted(paymentId: string, reservationId: string): Payment {
  return acceptPayment({ paymentId, userId: 'ada', reservationId, amount: 100n }, at(0), at(30))
}

function processing(paymentId: string, reservationId: string): Payment {
  return { ...accepted(paymentId, reservationId), points: 'TAKEN', sequence: 2, updatedAt: at(1) }
}

function completed(paymentId: string, reservationId: string): Payment {
  return { ...processing(paymentId, reservationId), seats: 'SOLD', sequence: 3, updatedAt: at(2) }
}

function failed(paymentId: string, reservationId: string): Payment {
  return {
    ...accepted(paymentId, reservationId),
    points: 'REFUSED',
    failureReason: 'INSUFFICIENT_POINTS',
    sequence: 2,
    updatedAt: at(1),
  }
}

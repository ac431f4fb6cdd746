import { expect } from 'chai'
import type { Operation } from './history.ts'
import type { Injected } from './inject.ts'
import { measureRecovery } from './recovery.ts'

describe('the recovery from a fault', () => {
  const fault: Injected = {
    atMs: 0,
    fault: 'kill-broker',
    target: 'kafka-1',
    lastsMs: 2_000,
    seed: 1,
    startedMs: 1_000,
    healedMs: 3_000,
    problem: undefined,
  }

  it('is measured from what customers saw complete', () => {
    const operations = [
      bought(1, 900, 950),
      bought(2, 980, 2_500),
      bought(3, 3_100, 3_400),
      bought(4, 3_200, 3_900),
    ]
    const [recovery] = measureRecovery(operations, [fault], 5_000)
    expect(recovery).to.include({ stalledMs: 1_500, slowestMs: 1_520, recoveredMs: 400 })
  })

  it('has no time when no purchase completed any more', () => {
    const [recovery] = measureRecovery([bought(1, 900, 950)], [fault], 5_000)
    expect(recovery).to.include({ stalledMs: 4_000, slowestMs: undefined, recoveredMs: undefined })
  })
})

function bought(nth: number, invokedMs: number, endedMs: number): Operation {
  return {
    nth,
    client: 'buyer',
    action: 'checkout',
    request: { requestId: `request-${nth}` },
    invokedMs,
    outcome: 'ok',
    endedMs,
    answer: { paymentId: `payment-${nth}`, sequence: 3, status: 'COMPLETED', refund: 'NONE', final: true },
    error: undefined,
  }
}

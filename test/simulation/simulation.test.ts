import { expect } from 'chai'
import fc from 'fast-check'
import { type Payment, statusOf } from '../../services/payment/src/domain/payment.ts'
import { allGuards, type Guards } from './guards.ts'
import { brokenAlways, brokenAtRest } from './invariants.ts'
import { type Step, schedule } from './step.ts'
import { World } from './world.ts'

/** SIMULATION_SEED repeats a run, SIMULATION_RUNS makes it longer. */
const seed = Number(process.env.SIMULATION_SEED ?? Math.floor(Math.random() * 2 ** 31))
const numRuns = Number(process.env.SIMULATION_RUNS ?? 2_000)

describe('the checkout in memory', function () {
  this.timeout(600_000)

  it(`keeps its promises in ${numRuns} schedules of calls, crashes, repeats and losses (SIMULATION_SEED=${seed})`, async () => {
    const outcomes = new Set<string>()
    await fc.assert(
      fc.asyncProperty(schedule, async (steps) => {
        for (const payment of await keepsItsPromises(steps)) outcomes.add(outcomeOf(payment))
      }),
      { seed, numRuns },
    )
    // Without all outcomes the run would prove nothing.
    expect([...outcomes]).to.include.members(allOutcomes)
  })

  it('keeps its promises without any inbox, by the own rules of its tables', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (steps) => void (await keepsItsPromises(steps, { inbox: false }))),
      { seed, numRuns: Math.ceil(numRuns / 10) },
    )
  })

  const faults: Readonly<Record<string, Partial<Guards>>> = {
    'point forgets what it decided for a payment': { debits: false },
    'reservation forgets what it decided for a payment': { confirmations: false },
  }
  for (const [fault, guards] of Object.entries(faults)) {
    it(`is seen to break its promises once ${fault}`, async () => {
      const run = await fc.check(
        fc.asyncProperty(schedule, async (steps) => void (await keepsItsPromises(steps, guards))),
        { seed, numRuns, endOnFailure: true },
      )
      expect(run.failed).to.equal(true)
    })
  }
})

/** Plays a schedule, lets it come to rest, and returns the payments. */
async function keepsItsPromises(steps: readonly Step[], guards: Partial<Guards> = {}): Promise<Payment[]> {
  const world = new World({ ...allGuards, ...guards })
  for (const step of steps) {
    await world.apply(step)
    refuse(brokenAlways(world))
  }
  await world.settle()
  refuse(brokenAtRest(world))
  return [...world.payment.tables.payments.values()]
}

/** Fails on broken invariants. A chai assertion would cost more than all the checks. */
function refuse(broken: readonly string[]): void {
  if (broken.length > 0) throw new Error(`broken: ${broken.join('; ')}`)
}

function outcomeOf(payment: Payment): string {
  return `${payment.failureReason ?? statusOf(payment)}, points ${payment.points}`
}

const allOutcomes = [
  'COMPLETED, points TAKEN',
  'INSUFFICIENT_POINTS, points REFUSED',
  'UNKNOWN_WALLET, points REFUSED',
  'CANCELLED, points REFUSED',
  'CANCELLED, points TAKEN',
  'TIMED_OUT, points REFUSED',
  'TIMED_OUT, points TAKEN',
  'HOLD_EXPIRED, points TAKEN',
  'RELEASED, points TAKEN',
  'AMOUNT_MISMATCH, points TAKEN',
  'NOT_HOLDER, points TAKEN',
  'UNKNOWN_RESERVATION, points TAKEN',
]

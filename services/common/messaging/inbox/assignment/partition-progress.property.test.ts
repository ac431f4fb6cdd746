import { expect } from 'chai'
import fc from 'fast-check'
import { isOpen } from './circuit.ts'
import {
  mayPassOver,
  newProgress,
  next,
  type PartitionProgress,
  type ProgressEvent,
  type ProgressRules,
} from './partition-progress.ts'

const rules: ProgressRules = { batchLimitMax: 8, attemptsMax: 3, poisonWindow: 4 }
const fresh = newProgress(10n, rules)

/** Something that happens, as far as it can at this state. */
type Happening = (state: PartitionProgress) => ProgressEvent | undefined

const happening: fc.Arbitrary<Happening> = fc
  .record({
    kind: fc.nat(10),
    count: fc.integer({ min: 1, max: 8 }),
    offset: fc.bigInt(0n, 30n),
    flag: fc.boolean(),
  })
  .map(({ kind, count, offset, flag }) => (state) => {
    const { position, batchLimit, circuit } = state
    const records = Math.min(count, batchLimit)
    const to = position + BigInt(records)
    const verdicts = Array.from({ length: records }, (_, nth) =>
      flag ? ({ poisonAt: position + BigInt(nth) } as const) : 'handled',
    )
    const inTransaction: ProgressEvent[] = [
      { kind: 'committed', to, verdicts, isBatchDone: true },
      { kind: 'committed', to, verdicts: [], isBatchDone: false },
      { kind: 'threw', offset: position, records, error: 'no' },
      { kind: 'failed', records },
      { kind: 'failed-together' },
    ]
    const event = inTransaction[kind]
    if (event !== undefined) return circuit.state === 'cooling-down' ? undefined : event
    const offsets = Array.from({ length: count }, (_, nth) => position + BigInt(nth))
    const others: (ProgressEvent | undefined)[] = [
      { kind: 'fetched' },
      { kind: 'moved', to: offset, isOtherTopic: flag },
      mayPassOver(state) ? { kind: 'passed-over', to: position + BigInt(count), offsets } : undefined,
      { kind: 'stored', from: flag ? state.stored : offset, to: offset + BigInt(count) },
      { kind: 'not-located' },
      { kind: 'repaired', putAside: new Set(flag ? [] : [offset, position]) },
    ]
    return others[kind - inTransaction.length]
  })

describe('a partition', () => {
  it('is read on from where a transaction ended, and in it nothing is behind', () => {
    const { progress } = next({ ...fresh, stored: 8n, passedOver: [8n, 9n] }, committed(14n), rules)
    expect(progress).to.deep.include({ position: 14n, stored: 14n, passedOver: [] })
  })

  it('lets the next batch be fetched once all of this one is committed', () => {
    const { action } = next(fresh, { ...committed(14n), isBatchDone: true }, rules)
    expect(action).to.deep.equal({ kind: 'resolve' })
  })

  it('is read on behind what was passed over, and the stored position follows later', () => {
    const passed = next(fresh, { kind: 'passed-over', to: 13n, offsets: [10n, 12n] }, rules).progress
    expect(passed).to.deep.include({ position: 13n, stored: 10n, passedOver: [10n, 12n] })
    const { progress } = next(passed, { kind: 'stored', from: 10n, to: 12n }, rules)
    expect(progress).to.deep.include({ position: 13n, stored: 12n, passedOver: [12n] })
  })

  it('keeps its stored position where it was moved while that was being written, also back to where it was', () => {
    const passed: PartitionProgress = { ...fresh, position: 12n, passedOver: [10n, 11n] }
    for (const to of [3n, 10n]) {
      const { progress } = next(passed, { kind: 'moved', to, isOtherTopic: false }, rules)
      const step = next(progress, { kind: 'stored', from: 10n, to: 12n }, rules)
      expect(step).to.deep.equal({ progress, action: { kind: 'none' } })
    }
  })

  it('gives each message attempts of its own, also where the one before it is gone from the log', () => {
    const tried = next(fresh, threwAt(10n), rules).progress
    const { progress } = next(tried, threwAt(12n), rules)
    expect(progress.suspect).to.deep.equal({ offset: 12n, attempts: 1, poisoned: undefined })
  })

  it('takes a message for poison for what was thrown last', () => {
    const tried = [1, 2].reduce((state) => next(state, threwAt(10n), rules).progress, fresh)
    const { progress } = next(tried, { ...threwAt(10n), error: new TypeError('no such seat') }, rules)
    const poisoned = { reason: 'HANDLER_FAILED', error: 'TypeError: no such seat', attempts: 3 }
    expect(progress.suspect).to.deep.equal({ offset: 10n, attempts: 3, poisoned })
  })

  it('waits before its transaction is tried again that failed without a message to blame', () => {
    const { progress, action } = next(fresh, { ...threwAt(undefined), records: 0 }, rules)
    expect(action).to.deep.equal({ kind: 'back-off', failures: 1 })
    expect(progress.suspect).to.equal(undefined)
  })
})

describe('the progress of a partition, whatever happens to it', () => {
  it('is no state that means nothing', () => {
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (happenings) => {
        let state = fresh
        for (const eventOf of happenings) {
          const event = eventOf(state)
          if (event === undefined) continue
          state = next(state, event, rules).progress
          refuseNonsense(state)
        }
      }),
      { numRuns: 2_000 },
    )
  })
})

function refuseNonsense(state: PartitionProgress): void {
  const { position, stored, passedOver, batchLimit, isolated, suspect, circuit } = state
  expect(stored <= position, 'nothing is stored that was not read').to.equal(true)
  expect(passedOver.every((offset) => offset >= stored && offset < position)).to.equal(true)
  expect(batchLimit).to.be.within(1, rules.batchLimitMax)
  if (suspect !== undefined) {
    expect(suspect.offset, 'the suspect is what comes next').to.equal(position)
    expect(batchLimit, 'a suspect is by itself').to.equal(1)
    expect(suspect.poisoned !== undefined).to.equal(suspect.attempts === rules.attemptsMax)
  }
  if (isOpen(circuit)) expect({ batchLimit, isolated }).to.deep.equal({ batchLimit: 1, isolated: true })
  expect(isOpen(circuit)).to.equal(circuit.openings > 0)
}

function committed(to: bigint): Extract<ProgressEvent, { kind: 'committed' }> {
  return { kind: 'committed', to, verdicts: ['handled'], isBatchDone: false }
}

function threwAt(offset: bigint | undefined): Extract<ProgressEvent, { kind: 'threw' }> {
  return { kind: 'threw', offset, records: 1, error: 'no' }
}

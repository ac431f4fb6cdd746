import { expect } from 'chai'
import { isOpen, poisonOffsets } from './circuit.ts'
import {
  newProgress,
  next,
  type PartitionProgress,
  type ProgressAction,
  type ProgressEvent,
  type ProgressRules,
} from './partition-progress.ts'

const rules: ProgressRules = { batchLimitMax: 4, attemptsMax: 2, poisonWindow: 2 }
const fresh = newProgress(10n, rules)
const isolated: PartitionProgress = { ...fresh, isolated: true }
const single: PartitionProgress = { ...isolated, batchLimit: 1 }
const error = new TypeError('no such seat')
const poisoned = { reason: 'HANDLER_FAILED', error: 'TypeError: no such seat', attempts: 2 } as const
const halfOpen = newProgress(10n, rules, [8n, 9n])

/** One of each kind, by what it looks like. */
const states: Readonly<Record<string, PartitionProgress>> = {
  'limit 4': fresh,
  'limit 4, passed over 2': { ...fresh, stored: 8n, passedOver: [8n, 9n] },
  'limit 4, isolated': isolated,
  'limit 2, isolated, failed 1': { ...isolated, batchLimit: 2, failures: 1 },
  'limit 1, isolated, tried 1': { ...single, suspect: { offset: 10n, attempts: 1, poisoned: undefined } },
  'limit 1, isolated, poisoned': { ...single, suspect: { offset: 10n, attempts: 2, poisoned } },
  'limit 4, poison 1': { ...fresh, circuit: { ...fresh.circuit, recent: [{ poisonAt: 9n }] } },
  'limit 1, isolated, cooling-down 1': {
    ...halfOpen,
    circuit: { ...halfOpen.circuit, state: 'cooling-down' },
  },
  'limit 1, isolated, half-open 1': halfOpen,
}

/** One of each, by what it is called in the table; transactions hold what the batch limit allows. */
const events: Readonly<Record<string, (state: PartitionProgress) => ProgressEvent>> = {
  fetched: () => ({ kind: 'fetched' }),
  turn: () => ({ kind: 'turn', offset: 10n }),
  'turn elsewhere': () => ({ kind: 'turn', offset: 12n }),
  handled: () => ({ kind: 'committed', to: 11n, verdicts: ['handled'], isBatchDone: false }),
  'put aside': () => ({ kind: 'committed', to: 11n, verdicts: [{ poisonAt: 10n }], isBatchDone: true }),
  repeated: () => ({ kind: 'committed', to: 11n, verdicts: [], isBatchDone: true }),
  'failed together': () => ({ kind: 'failed-together' }),
  threw: ({ batchLimit: records }) => ({ kind: 'threw', offset: 10n, records, error }),
  'threw at one': () => ({ kind: 'threw', offset: 10n, records: 1, error }),
  failed: ({ batchLimit: records }) => ({ kind: 'failed', records }),
  fenced: () => ({ kind: 'fenced' }),
  'not located': () => ({ kind: 'not-located' }),
  moved: () => ({ kind: 'moved', to: 40n, isOtherTopic: false }),
  'moved into another topic': () => ({ kind: 'moved', to: 40n, isOtherTopic: true }),
  'passed over': () => ({ kind: 'passed-over', to: 12n, offsets: [10n, 11n] }),
  stored: () => ({ kind: 'stored', from: 8n, to: 10n }),
  repaired: () => ({ kind: 'repaired', putAside: new Set([9n]) }),
}

/** `!`: it cannot happen; else the action, and what the progress then looks like unless it looks the same. */
const table: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'limit 4': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact',
    'put aside': 'resolve → limit 4, poison 1',
    repeated: 'resolve',
    'failed together': 'transact → limit 4, isolated',
    threw: 'transact → limit 2, isolated',
    'threw at one': 'transact → limit 1, isolated, tried 1',
    failed: 'back-off 1 → limit 2, isolated, failed 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 4, failed 1',
    moved: 'seek',
    'moved into another topic': 'seek',
    'passed over': 'resolve → limit 4, passed over 2',
    stored: 'none',
    repaired: 'none',
  },
  'limit 4, passed over 2': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 4',
    'put aside': 'resolve → limit 4, poison 1',
    repeated: 'resolve → limit 4',
    'failed together': 'transact → limit 4, isolated, passed over 2',
    threw: 'transact → limit 2, isolated, passed over 2',
    'threw at one': 'transact → limit 1, isolated, tried 1, passed over 2',
    failed: 'back-off 1 → limit 2, isolated, failed 1, passed over 2',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 4, failed 1, passed over 2',
    moved: 'seek → limit 4',
    'moved into another topic': 'seek → limit 4',
    'passed over': 'resolve → limit 4, passed over 4',
    stored: 'commit-offset → limit 4',
    repaired: 'none',
  },
  'limit 4, isolated': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 4',
    'put aside': 'resolve → limit 4, poison 1',
    repeated: 'resolve → limit 4',
    'failed together': 'transact',
    threw: 'transact → limit 2, isolated',
    'threw at one': 'transact → limit 1, isolated, tried 1',
    failed: 'back-off 1 → limit 2, isolated, failed 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 4, isolated, failed 1',
    moved: 'seek → limit 4',
    'moved into another topic': 'seek → limit 4',
    'passed over': 'resolve → limit 4, isolated, passed over 2',
    stored: 'none',
    repaired: 'none',
  },
  'limit 2, isolated, failed 1': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 4',
    'put aside': 'resolve → limit 4, poison 1',
    repeated: 'resolve → limit 4',
    'failed together': 'transact',
    threw: 'transact → limit 1, isolated, failed 1',
    'threw at one': 'transact → limit 1, isolated, tried 1, failed 1',
    failed: 'back-off 2 → limit 1, isolated, failed 2',
    fenced: 'relocate',
    'not located': 'back-off 2 → limit 2, isolated, failed 2',
    moved: 'seek → limit 2',
    'moved into another topic': 'seek → limit 2',
    'passed over': 'resolve → limit 2, isolated, passed over 2',
    stored: 'none',
    repaired: 'none',
  },
  'limit 1, isolated, tried 1': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 2, isolated',
    'put aside': 'resolve → limit 2, isolated, poison 1',
    repeated: 'resolve → limit 2, isolated',
    'failed together': 'transact',
    threw: 'transact → limit 1, isolated, poisoned',
    'threw at one': 'transact → limit 1, isolated, poisoned',
    failed: 'back-off 1 → limit 1, isolated, tried 1, failed 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 1, isolated, tried 1, failed 1',
    moved: 'seek → limit 1',
    'moved into another topic': 'seek → limit 1',
    'passed over': '!',
    stored: 'none',
    repaired: 'none',
  },
  'limit 1, isolated, poisoned': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 2, isolated',
    'put aside': 'resolve → limit 2, isolated, poison 1',
    repeated: 'resolve → limit 2, isolated',
    'failed together': 'transact',
    threw: 'back-off 1 → limit 1, isolated, poisoned, failed 1',
    'threw at one': 'back-off 1 → limit 1, isolated, poisoned, failed 1',
    failed: 'back-off 1 → limit 1, isolated, poisoned, failed 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 1, isolated, poisoned, failed 1',
    moved: 'seek → limit 1',
    'moved into another topic': 'seek → limit 1',
    'passed over': '!',
    stored: 'none',
    repaired: 'none',
  },
  'limit 4, poison 1': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact',
    'put aside': 'cool-down 1 → limit 1, isolated, cooling-down 1',
    repeated: 'resolve',
    'failed together': 'transact → limit 4, isolated, poison 1',
    threw: 'transact → limit 2, isolated, poison 1',
    'threw at one': 'transact → limit 1, isolated, tried 1, poison 1',
    failed: 'back-off 1 → limit 2, isolated, failed 1, poison 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 4, failed 1, poison 1',
    moved: 'seek',
    'moved into another topic': 'seek → limit 4',
    'passed over': '!',
    stored: 'none',
    repaired: 'none',
  },
  'limit 1, isolated, cooling-down 1': {
    fetched: 'transact → limit 1, isolated, half-open 1',
    turn: 'cool-down 1',
    'turn elsewhere': 'cool-down 1',
    handled: '!',
    'put aside': '!',
    repeated: '!',
    'failed together': '!',
    threw: '!',
    'threw at one': '!',
    failed: '!',
    fenced: '!',
    'not located': 'back-off 1 → limit 1, isolated, failed 1, cooling-down 1',
    moved: 'seek',
    'moved into another topic': 'seek → limit 1',
    'passed over': '!',
    stored: 'none',
    repaired: 'release → limit 1, isolated, poison 1',
  },
  'limit 1, isolated, half-open 1': {
    fetched: 'transact',
    turn: 'transact',
    'turn elsewhere': 'relocate',
    handled: 'transact → limit 2, isolated',
    'put aside': 'cool-down 2 → limit 1, isolated, cooling-down 2',
    repeated: 'resolve',
    'failed together': 'transact',
    threw: 'transact → limit 1, isolated, tried 1, half-open 1',
    'threw at one': 'transact → limit 1, isolated, tried 1, half-open 1',
    failed: 'back-off 1 → limit 1, isolated, failed 1, half-open 1',
    fenced: 'relocate',
    'not located': 'back-off 1 → limit 1, isolated, failed 1, half-open 1',
    moved: 'seek',
    'moved into another topic': 'seek → limit 1',
    'passed over': '!',
    stored: 'none',
    repaired: 'release → limit 1, isolated, poison 1',
  },
}

describe('the next step of a partition', () => {
  for (const [look, state] of Object.entries(states)) {
    for (const [name, eventOf] of Object.entries(events)) {
      const expected = table[look]?.[name]
      it(`${look}; ${name}: ${expected}`, () => {
        const event = eventOf(state)
        expect(lookOf(state)).to.equal(look)
        if (expected === '!') {
          expect(() => next(state, event, rules)).to.throw(`cannot have ${event.kind}`)
          return
        }
        const { progress, action } = next(state, event, rules)
        const [wanted, after = look] = (expected ?? '').split(' → ')
        expect([wordsOf(action), lookOf(progress)]).to.deep.equal([wanted, after])
      })
    }
  }
})

function lookOf({ batchLimit, isolated, suspect, failures, passedOver, circuit }: PartitionProgress): string {
  const poison = poisonOffsets(circuit).length
  const tried = suspect && (suspect.poisoned ? 'poisoned' : `tried ${suspect.attempts}`)
  const parts = [
    `limit ${batchLimit}`,
    isolated && 'isolated',
    tried,
    failures > 0 && `failed ${failures}`,
    passedOver.length > 0 && `passed over ${passedOver.length}`,
    isOpen(circuit) ? `${circuit.state} ${circuit.openings}` : poison > 0 && `poison ${poison}`,
  ]
  return parts.filter(Boolean).join(', ')
}

function wordsOf(action: ProgressAction): string {
  const { kind, ...count } = action
  return [kind, ...Object.values(count)].join(' ')
}

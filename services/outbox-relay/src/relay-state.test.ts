import { expect } from 'chai'
import type { Access } from './decide-access.ts'
import { newRelay, next, type RelayAction, type RelayEvent, type RelayState } from './relay-state.ts'

type Phase = RelayState['phase']

const found = (access: Access, isOtherLayoutActive = false): RelayEvent => ({
  kind: 'found',
  access,
  isOtherLayoutActive,
})
const blocked: Access = { kind: 'blocked', obstacle: 'table-rights', detail: 'DELETE on outbox' }
const scan: Access = { kind: 'scan', obstacle: 'wal-level', dropSlot: true }
const error = new Error('no slot is free')

/** One of each, by what it is called in the table below. */
const events: Readonly<Record<string, RelayEvent>> = {
  waited: { kind: 'waited' },
  connected: { kind: 'connected' },
  'found blocked': found(blocked),
  'found scan': found(scan),
  'found create': found({ kind: 'create' }),
  'found replace': found({ kind: 'replace' }),
  'found stream': found({ kind: 'stream' }),
  'found standby': found({ kind: 'standby' }),
  'found another layout': found({ kind: 'stream' }, true),
  changed: { kind: 'changed' },
  refused: { kind: 'refused', error },
  excluded: { kind: 'excluded' },
  'scanned, ours': { kind: 'scanned', isOurs: true },
  "scanned, another's": { kind: 'scanned', isOurs: false },
  'opened, scanned': { kind: 'opened', isScanned: true },
  'opened, not scanned': { kind: 'opened', isScanned: false },
  'caught-up': { kind: 'caught-up' },
  failed: { kind: 'failed', sessionMs: 5 },
  stopped: { kind: 'stopped' },
}

const look: RelayAction = { kind: 'look' }
const stream: RelayAction = { kind: 'stream' }
const standBy = (because: 'held' | 'other-layout'): RelayAction => ({ kind: 'stand-by', because })

/** What follows, from shard 0 of 2. What is not in it cannot happen. */
const table: Readonly<
  Record<Phase, Readonly<Record<string, readonly [Phase, RelayAction, Partial<RelayState>?]>>>
> = {
  idle: {
    waited: ['idle', { kind: 'connect' }],
    connected: ['taking', look],
  },
  taking: {
    waited: ['taking', look],
    'found blocked': [
      'taking',
      { kind: 'await-operator', obstacle: 'table-rights', detail: 'DELETE on outbox' },
    ],
    'found scan': ['taking', { kind: 'scan', obstacle: 'wal-level', dropSlot: true }],
    'found create': ['taking', { kind: 'create-slot', replaces: false }],
    'found replace': ['taking', { kind: 'create-slot', replaces: true }],
    'found stream': ['taking', { kind: 'open' }],
    'found standby': ['taking', look, { shard: 1, held: 1 }],
    'found another layout': ['taking', standBy('other-layout')],
    changed: ['taking', look],
    refused: ['taking', { kind: 'scan', obstacle: 'slot-refused', dropSlot: false, error }],
    excluded: ['taking', standBy('other-layout')],
    'scanned, ours': ['taking', look],
    "scanned, another's": ['taking', look, { shard: 1 }],
    'opened, scanned': ['streaming', stream],
    'opened, not scanned': ['catching-up', { kind: 'publish-table' }],
  },
  'catching-up': { 'caught-up': ['streaming', stream] },
  streaming: {},
  left: {},
}

describe('what a relay does next', () => {
  const start: RelayState = { phase: 'idle', shards: 2, shard: 0, held: 0, failures: 0 }

  for (const phase of Object.keys(table) as Phase[]) {
    for (const [name, event] of Object.entries(events)) {
      const state: RelayState = { ...start, phase }
      if (event.kind === 'stopped') {
        it(`${phase}, ${name}: leaves`, () => {
          expect(next(state, event)).to.deep.equal({
            state: { ...state, phase: 'left' },
            action: { kind: 'leave' },
          })
        })
      } else if (event.kind === 'failed') {
        it(`${phase}, ${name}: rests and begins again`, () => {
          expect(next(state, event)).to.deep.equal({
            state: { ...state, phase: 'idle', failures: 1 },
            action: { kind: 'rest', failures: 1 },
          })
        })
      } else {
        const expected = table[phase][name]
        it(`${phase}, ${name}: ${expected === undefined ? 'cannot happen' : expected[1].kind}`, () => {
          if (expected === undefined) {
            expect(() => next(state, event)).to.throw(`a relay that is ${phase} cannot have ${event.kind}`)
            return
          }
          const [after, action, change = {}] = expected
          expect(next(state, event)).to.deep.equal({ state: { ...state, phase: after, ...change }, action })
        })
      }
    }
  }

  it('stands by only once it has found every shard held, and then looks at all of them again', () => {
    const actions: string[] = []
    const shards: number[] = []
    let state: RelayState = { ...start, phase: 'taking', shards: 3, shard: 2 }
    for (const event of ['found standby', 'found standby', 'found standby', 'waited', 'found standby']) {
      const step = next(state, events[event] as RelayEvent)
      state = step.state
      actions.push(step.action.kind)
      shards.push(state.shard)
    }
    expect(actions).to.deep.equal(['look', 'look', 'stand-by', 'look', 'look'])
    expect(shards).to.deep.equal([0, 1, 2, 2, 0])
  })

  it('stands by at once where there is one shard', () => {
    const step = next({ ...start, phase: 'taking', shards: 1 }, found({ kind: 'standby' }))
    expect(step).to.deep.equal({ state: { ...start, phase: 'taking', shards: 1 }, action: standBy('held') })
  })

  it('keeps its shard after a failure, and waits longer after each, until a session has held', () => {
    let state: RelayState = { ...start, phase: 'streaming', shard: 1 }
    const rests: unknown[] = []
    for (const sessionMs of [50, 9_000, 11_000, 50]) {
      const step = next(state, { kind: 'failed', sessionMs })
      state = step.state
      rests.push(step.action)
    }
    expect(rests).to.deep.equal([1, 2, 1, 2].map((failures) => ({ kind: 'rest', failures })))
    expect(state.shard).to.equal(1)
  })

  it('begins with any of its shards', () => {
    expect([0, 0.49, 0.5, 0.99].map((random) => newRelay(2, () => random).shard)).to.deep.equal([0, 0, 1, 1])
  })
})

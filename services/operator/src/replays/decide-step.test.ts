import { expect } from 'chai'
import { decideStep } from './decide-step.ts'
import { type ReplayPhase, type ReplayResource, replayFinalizer } from './resource.ts'

const here = { namespace: 'boxoffice', groups: ['payment', 'point'] }

interface Given {
  readonly namespace?: string
  readonly group?: string
  readonly phase?: ReplayPhase
  readonly replayId?: string
  readonly dryRun?: boolean
  readonly held?: boolean
  readonly deleted?: boolean
}

function replay(given: Given): ReplayResource {
  const { namespace = 'boxoffice', group = 'payment', phase, replayId, dryRun = false } = given
  return {
    apiVersion: 'boxoffice.dev/v1alpha1',
    kind: 'Replay',
    metadata: {
      name: 'again',
      namespace,
      finalizers: ['example.com/other', ...(given.held ? [replayFinalizer] : [])],
      ...(given.deleted ? { deletionTimestamp: '2026-11-23T00:00:00Z' } : {}),
    },
    spec: { group, from: { earliest: true }, dryRun },
    ...(phase === undefined
      ? {}
      : {
          status: {
            observedGeneration: 1,
            phase,
            ...(replayId === undefined ? {} : { replayId }),
            conditions: [],
          },
        }),
  }
}

const cases: readonly (readonly [string, Given, string])[] = [
  ['a new replay is held before anything is started', {}, 'hold'],
  ['a held replay is planned', { held: true }, 'plan'],
  ['a dry run is planned at once, because nothing of it has to be cancelled', { dryRun: true }, 'plan'],
  ['a replay that waited is planned again', { held: true, phase: 'Pending' }, 'plan'],
  ['a replay that may have been started is started again', { held: true, phase: 'Starting' }, 'start'],
  ['a running replay is checked', { held: true, phase: 'Running', replayId: 'r-1' }, 'look'],
  ['a replay that has succeeded is released', { held: true, phase: 'Succeeded' }, 'release'],
  ['a replay that has failed is released', { held: true, phase: 'Failed' }, 'release'],
  ['a replay that was cancelled is released', { held: true, phase: 'Cancelled' }, 'release'],
  ['a replay that is over and released rests', { phase: 'Succeeded' }, 'rest'],
  ['a failed dry run rests', { dryRun: true, phase: 'Failed' }, 'rest'],
  [
    'a running replay that is deleted is cancelled',
    { held: true, phase: 'Running', deleted: true },
    'cancel',
  ],
  [
    'a replay that may have been started is cancelled too',
    { held: true, phase: 'Starting', deleted: true },
    'cancel',
  ],
  [
    'a replay that was not started is released when it is deleted',
    { held: true, phase: 'Pending', deleted: true },
    'release',
  ],
  ['a replay without a status is released when it is deleted', { held: true, deleted: true }, 'release'],
  [
    'a replay that is over is released when it is deleted',
    { held: true, phase: 'Succeeded', deleted: true },
    'release',
  ],
  ['a deleted replay that only others hold is left to them', { deleted: true }, 'rest'],
  [
    'a deleted replay of another namespace is left to others',
    { deleted: true, namespace: 'elsewhere' },
    'rest',
  ],
]

describe('a replay', () => {
  for (const [what, given, step] of cases) {
    it(`${what}`, () => {
      expect(decideStep(replay(given), here).do).to.equal(step)
    })
  }

  it('of another namespace fails, whatever its group', () => {
    expect(decideStep(replay({ namespace: 'elsewhere' }), here)).to.include({
      do: 'fail',
      reason: 'WrongNamespace',
    })
  })

  it('of a group that no service here has fails, and names the existing groups', () => {
    const step = decideStep(replay({ group: 'nobody' }), here)
    expect(step).to.include({ do: 'fail', reason: 'UnknownGroup' })
    expect(step).to.have.property('message').that.contains('payment, point')
  })

  it('that has failed does not fail again', () => {
    expect(decideStep(replay({ namespace: 'elsewhere', phase: 'Failed' }), here)).to.deep.equal({
      do: 'rest',
    })
  })
})

import {
  type Replay,
  ReplayPartitionSchema,
  ReplayPhase,
  ReplaySchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { decideStatus, type Outcome } from './decide-status.ts'
import type { ReplayResource, ReplayStatus } from './resource.ts'

const at = new Date('2026-11-23T10:00:00.500Z')
const later = new Date('2026-11-23T10:05:00Z')

function resource(status?: ReplayStatus, dryRun = false): ReplayResource {
  return {
    apiVersion: 'boxoffice.dev/v1alpha1',
    kind: 'Replay',
    metadata: { name: 'again', namespace: 'boxoffice', generation: 1 },
    spec: { group: 'point', from: { earliest: true }, dryRun },
    ...(status === undefined ? {} : { status }),
  }
}

const partition = (position: bigint) =>
  create(ReplayPartitionSchema, {
    topic: 'point-commands',
    partition: 3,
    position,
    targetOffset: 10n,
    untilOffset: 110n,
    endOffset: 120n,
    records: 100n,
    gone: 4n,
  })

const seen = (fields: MessageInitShape<typeof ReplaySchema>): Outcome => ({
  is: 'seen',
  replay: create(ReplaySchema, { replayId: 'r-1', ...fields }) as Replay,
})

const condition = (status: ReplayStatus, type: string) => status.conditions.find((one) => one.type === type)

describe('the status of a replay', () => {
  const starting = decideStatus(resource(), { is: 'planned', partitions: [partition(110n)] }, at)
  const running = decideStatus(
    resource(starting),
    seen({ phase: ReplayPhase.RUNNING, partitions: [partition(60n)], reread: 50n, known: 50n }),
    later,
  )

  it('shows the plan before anything is started', () => {
    expect(starting).to.include({ phase: 'Starting', records: 100, startTime: '2026-11-23T10:00:00Z' })
    expect(starting.partitions).to.deep.equal([
      {
        topic: 'point-commands',
        partition: 3,
        fromOffset: 10,
        untilOffset: 110,
        endOffset: 120,
        records: 100,
        gone: 4,
      },
    ])
    expect(condition(starting, 'Complete')).to.include({ status: 'False', reason: 'Starting' })
  })

  it('of a dry run is complete with the plan', () => {
    const status = decideStatus(resource(undefined, true), { is: 'planned', partitions: [] }, at)
    expect(status).to.include({ phase: 'Succeeded', records: 0, completionTime: '2026-11-23T10:00:00Z' })
    expect(status).to.not.have.property('startTime')
    expect(condition(status, 'Complete')).to.include({ status: 'True', reason: 'DryRun' })
  })

  it('shows its progress, and what was read again so far', () => {
    expect(running).to.deep.include({
      phase: 'Running',
      replayId: 'r-1',
      progress: '50%',
      startTime: '2026-11-23T10:00:00Z',
      receipt: { reread: 50, known: 50, effective: 0, putAside: 0 },
    })
    expect(running).to.not.have.property('completionTime')
  })

  it('keeps the time of an unchanged condition', () => {
    expect(condition(running, 'Complete')?.lastTransitionTime).to.equal('2026-11-23T10:00:00Z')
  })

  it('ends with the receipt, at the time that the service reports', () => {
    const endTime = { seconds: 1_795_428_300n, nanos: 0 }
    const done = seen({
      phase: ReplayPhase.DONE,
      partitions: [partition(110n)],
      reread: 100n,
      known: 99n,
      effective: 1n,
      endTime,
    })
    const status = decideStatus(resource(running), done, new Date('2026-11-24T00:00:00Z'))
    expect(status).to.deep.include({
      phase: 'Succeeded',
      progress: '100%',
      receipt: { reread: 100, known: 99, effective: 1, putAside: 0 },
      completionTime: new Date(1_795_428_300_000).toISOString().replace('.000Z', 'Z'),
    })
    expect(condition(status, 'Complete')).to.include({ status: 'True', reason: 'ReadAgain' })
  })

  it('names who cancelled it', () => {
    const cancelled = seen({ phase: ReplayPhase.CANCELLED, partitions: [partition(60n)], cancelledBy: 'ada' })
    const status = decideStatus(resource(running), cancelled, later)
    expect(status.phase).to.equal('Cancelled')
    expect(condition(status, 'Complete')?.message).to.contain('ada')
  })

  it('that failed has the reason in both conditions, and keeps the last state', () => {
    const why = { reason: 'FromFuture', message: 'The time has not come' }
    const status = decideStatus(resource(running), { is: 'failed', ...why }, later)
    expect(status).to.include({ phase: 'Failed', replayId: 'r-1' })
    expect(condition(status, 'Failed')).to.include({ status: 'True', ...why })
    expect(condition(status, 'Complete')).to.include({ status: 'False', ...why })
  })

  it('that waits keeps its phase, with the reason', () => {
    const outcome: Outcome = { is: 'waiting', reason: 'ServiceUnavailable', message: 'no answer' }
    expect(decideStatus(resource(), outcome, at).phase).to.equal('Pending')
    const status = decideStatus(resource(running), outcome, later)
    expect(status).to.deep.include({ phase: 'Running', receipt: running.receipt })
    expect(condition(status, 'Complete')).to.include({ status: 'False', reason: 'ServiceUnavailable' })
    expect(condition(status, 'Failed')?.status).to.equal('False')
  })

  it('without records to read again is complete', () => {
    expect(decideStatus(resource(), seen({ phase: ReplayPhase.DONE }), at).progress).to.equal('100%')
  })
})

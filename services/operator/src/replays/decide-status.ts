import {
  type Replay,
  type ReplayPartition,
  ReplayPhase as ServicePhase,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import { type Condition, rfc3339, withConditions } from '../kubernetes/resource.ts'
import type { ReplayPartitionStatus, ReplayPhase, ReplayResource, ReplayStatus } from './resource.ts'

/** The outcome of a step. */
export type Outcome =
  | { readonly is: 'failed'; readonly reason: string; readonly message: string }
  /** The step failed for now, and is retried. */
  | { readonly is: 'waiting'; readonly reason: string; readonly message: string }
  | { readonly is: 'planned'; readonly partitions: readonly ReplayPartition[] }
  /** The state of the service's replay. */
  | { readonly is: 'seen'; readonly replay: Replay }

/** Decides the whole status of a replay after a step. No other code does. */
export function decideStatus(
  { metadata, spec, status }: ReplayResource,
  outcome: Outcome,
  now: Date,
): ReplayStatus {
  const before: Partial<ReplayStatus> = status ?? {}
  const facts = { ...before, ...factsOf(outcome) }
  const { phase, complete, failed } = verdictOf(outcome, spec.dryRun === true, before.phase ?? 'Pending')
  const observedGeneration = metadata.generation ?? 1
  const { startTime = phase === 'Starting' ? rfc3339(now) : undefined } = before
  const completionTime = isOver(phase) ? rfc3339(endOf(outcome) ?? now) : undefined
  return {
    ...facts,
    observedGeneration,
    phase,
    ...(startTime === undefined ? {} : { startTime }),
    ...(completionTime === undefined ? {} : { completionTime }),
    conditions: withConditions(
      before.conditions,
      now,
      { ...complete, type: 'Complete', observedGeneration },
      { ...failed, type: 'Failed', observedGeneration },
    ),
  }
}

type Verdict = Pick<Condition, 'status' | 'reason' | 'message'>

function verdictOf(
  outcome: Outcome,
  dryRun: boolean,
  before: ReplayPhase,
): { readonly phase: ReplayPhase; readonly complete: Verdict; readonly failed: Verdict } {
  const notFailed: Verdict = {
    status: 'False',
    reason: 'AsExpected',
    message: 'Nothing has kept it from running',
  }
  const { reason, message } = 'reason' in outcome ? outcome : { reason: '', message: '' }
  switch (outcome.is) {
    case 'failed':
      return {
        phase: 'Failed',
        complete: { status: 'False', reason, message },
        failed: { status: 'True', reason, message },
      }
    case 'waiting':
      return {
        phase: before,
        complete: { status: 'False', reason, message: `${message}; trying again` },
        failed: notFailed,
      }
    case 'planned':
      return dryRun
        ? {
            phase: 'Succeeded',
            complete: { status: 'True', reason: 'DryRun', message: 'Nothing was changed; see partitions' },
            failed: notFailed,
          }
        : {
            phase: 'Starting',
            complete: { status: 'False', reason: 'Starting', message: 'It is being started' },
            failed: notFailed,
          }
    case 'seen':
      return { ...verdictOnReplay(outcome.replay), failed: notFailed }
  }
}

function verdictOnReplay({ phase, cancelledBy }: Replay): { phase: ReplayPhase; complete: Verdict } {
  switch (phase) {
    case ServicePhase.DONE: {
      const message = 'Every partition is back at its former position'
      return { phase: 'Succeeded', complete: { status: 'True', reason: 'ReadAgain', message } }
    }
    case ServicePhase.CANCELLED: {
      const message = `${cancelledBy} cancelled it; the consumer continued from its former position`
      return { phase: 'Cancelled', complete: { status: 'False', reason: 'Cancelled', message } }
    }
    default: {
      const message = 'The consumer reads its past again'
      return { phase: 'Running', complete: { status: 'False', reason: 'Running', message } }
    }
  }
}

function factsOf(outcome: Outcome): Partial<ReplayStatus> {
  switch (outcome.is) {
    case 'planned':
      return planOf(outcome.partitions)
    case 'seen': {
      const { replayId, partitions, reread, known, effective, putAside } = outcome.replay
      return {
        ...planOf(partitions),
        replayId,
        progress: progressOf(partitions),
        receipt: {
          reread: Number(reread),
          known: Number(known),
          effective: Number(effective),
          putAside: Number(putAside),
        },
      }
    }
    default:
      return {}
  }
}

function planOf(
  partitions: readonly ReplayPartition[],
): Required<Pick<ReplayStatus, 'partitions' | 'records'>> {
  return {
    partitions: partitions.map(partitionStatus),
    records: partitions.reduce((sum, { records }) => sum + Number(records), 0),
  }
}

function partitionStatus(partition: ReplayPartition): ReplayPartitionStatus {
  return {
    topic: partition.topic,
    partition: partition.partition,
    fromOffset: Number(partition.targetOffset),
    untilOffset: Number(partition.untilOffset),
    endOffset: Number(partition.endOffset),
    records: Number(partition.records),
    gone: Number(partition.gone),
  }
}

/** The share of the replay's offsets that were passed. */
function progressOf(partitions: readonly ReplayPartition[]): string {
  let passed = 0n
  let all = 0n
  for (const { position, targetOffset, untilOffset } of partitions) {
    all += untilOffset - targetOffset
    passed += position > targetOffset ? position - targetOffset : 0n
  }
  return all === 0n ? '100%' : `${(passed * 100n) / all}%`
}

function isOver(phase: ReplayPhase): boolean {
  return phase === 'Succeeded' || phase === 'Failed' || phase === 'Cancelled'
}

function endOf(outcome: Outcome): Date | undefined {
  const end = outcome.is === 'seen' ? outcome.replay.endTime : undefined
  return end === undefined ? undefined : timestampDate(end)
}

import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import type { ReplayResource, ReplayStatus } from './resource.ts'

/** Records events about what is new in a status. */
export function recordReplayEvents(
  events: EventRecorder,
  replay: ReplayResource,
  status: ReplayStatus,
): void {
  const before = replay.status
  const { phase, receipt, conditions } = status
  const complete = conditions.find(({ type }) => type === 'Complete')
  if (phase !== before?.phase) {
    const type = phase === 'Failed' ? 'Warning' : 'Normal'
    const read =
      receipt === undefined || phase === 'Running'
        ? ''
        : `: ${receipt.reread} messages read again, ${receipt.known} known already, ${receipt.effective} had an effect`
    events.record(replay, { type, reason: phase, note: `${complete?.message ?? phase}${read}` })
    return
  }
  const known = before.conditions.find(({ type }) => type === 'Complete')
  const isNews = complete?.reason !== known?.reason || complete?.message !== known?.message
  // A running replay continues when its service is back. A deletion that waits makes its caller wait too.
  const isWaitedFor = phase !== 'Running' || replay.metadata.deletionTimestamp !== undefined
  if (complete !== undefined && isNews && isWaitedFor)
    events.record(replay, { type: 'Warning', reason: complete.reason, note: complete.message })
}

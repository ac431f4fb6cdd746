import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import type { ConsumerGroupResource, ConsumerGroupStatus } from './resource.ts'

/** Records events about dead letters, and about members that have come or gone: operators may be alerted by them. */
export function recordGroupEvents(
  events: EventRecorder,
  resource: ConsumerGroupResource,
  status: ConsumerGroupStatus,
): void {
  const before = resource.status
  for (const type of ['DeadLetters', 'Consuming']) {
    const condition = status.conditions.find((candidate) => candidate.type === type)
    const known = before?.conditions.find((candidate) => candidate.type === type)
    if (condition === undefined || condition.status === known?.status) continue
    // In the first round only a bad condition is news.
    const isBad = type === 'DeadLetters' ? condition.status === 'True' : condition.status === 'False'
    if (known === undefined && !isBad) continue
    if (condition.status === 'Unknown') continue
    const { reason, message: note } = condition
    events.record(resource, { type: isBad ? 'Warning' : 'Normal', reason, note })
  }
}

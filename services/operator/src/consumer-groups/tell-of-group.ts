import type { EventRecorder } from '../kubernetes/event-recorder.ts'
import type { ConsumerGroupResource, ConsumerGroupStatus } from './resource.ts'

/** Tells of messages that were put aside, and of members that have gone or come: what an operator is woken for. */
export function tellOfGroup(
  events: EventRecorder,
  resource: ConsumerGroupResource,
  status: ConsumerGroupStatus,
): void {
  const before = resource.status
  for (const type of ['DeadLetters', 'Consuming']) {
    const condition = status.conditions.find((one) => one.type === type)
    const known = before?.conditions.find((one) => one.type === type)
    if (condition === undefined || condition.status === known?.status) continue
    // At first sight only what is bad is news.
    const isBad = type === 'DeadLetters' ? condition.status === 'True' : condition.status === 'False'
    if (known === undefined && !isBad) continue
    if (condition.status === 'Unknown') continue
    const { reason, message: note } = condition
    events.record(resource, { type: isBad ? 'Warning' : 'Normal', reason, note })
  }
}

import { lockOverdue, readOverdueCutoff } from '../storage/select-due.ts'
import { advanceDue, type TimerScope } from './advance-due.ts'

export interface OverdueScope extends TimerScope {
  /** Waits until this service has read its answers up to where their topic ends now; false if that takes too long. */
  readonly answersRead: () => Promise<boolean>
}

/**
 * Fails the PENDING payments whose deadline has passed.
 *
 * The deadline is judged only when this service has read point-events up to the ends that were seen after the deadline: an
 * unread answer is not a missing one. Time is the database's, the same for every replica.
 */
export async function failOverdue(scope: OverdueScope, stopping?: AbortSignal): Promise<void> {
  const cutoff = await readOverdueCutoff(scope.database.em())
  if (cutoff === undefined) return
  if (!(await scope.answersRead())) return
  const lockDue = (em: Parameters<typeof lockOverdue>[0], limit: number) => lockOverdue(em, limit, cutoff)
  await advanceDue(scope, lockDue, { type: 'DEADLINE_PASSED' }, stopping)
}

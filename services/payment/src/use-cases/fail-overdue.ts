import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { advanceDue, type TimerScope } from './advance-due.ts'

export interface OverdueScope<Tx = EntityManager> extends TimerScope<Tx> {
  /** Waits until this service has read its answers up to where their topic ends now; false if that takes too long. */
  readonly answersRead: () => Promise<boolean>
}

/**
 * Fails the PENDING payments whose deadline has passed.
 *
 * The deadline is judged only when this service has read point-events up to the ends that were seen after the deadline: an
 * unread answer is not a missing one. Time is the database's, the same for every replica.
 */
export async function failOverdue<Tx>(scope: OverdueScope<Tx>, stopping?: AbortSignal): Promise<void> {
  const { database, store } = scope
  const cutoff = await store.readOverdueCutoff(database.em())
  if (cutoff === undefined) return
  if (!(await scope.answersRead())) return
  const lockDue = (tx: Tx, limit: number) => store.lockOverdue(tx, limit, cutoff)
  await advanceDue(scope, lockDue, { type: 'DEADLINE_PASSED' }, stopping)
}

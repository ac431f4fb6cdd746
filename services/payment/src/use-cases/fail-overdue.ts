import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { advanceDue, type TimerScope } from './advance-due.ts'

export interface OverdueScope<Tx = EntityManager> extends TimerScope<Tx> {
  /** Waits until this service has read its answers up to the present end of their topic; false after too long. */
  readonly answersRead: () => Promise<boolean>
}

/**
 * Fails the PENDING payments whose deadline has passed.
 *
 * Deadlines are judged only when this service has read point-events up to the ends that were seen after the deadline:
 * an unread answer is not a missing one. All replicas use the database's time.
 */
export async function failOverdue<Tx>(scope: OverdueScope<Tx>, stopping?: AbortSignal): Promise<void> {
  const { database, store } = scope
  const cutoff = await store.readOverdueCutoff(database.em())
  if (cutoff === undefined) return
  if (!(await scope.answersRead())) return
  const lockDue = (tx: Tx, limit: number) => store.lockOverdue(tx, limit, cutoff)
  await advanceDue(scope, lockDue, { type: 'DEADLINE_PASSED' }, stopping)
}

import { isoTime } from '@boxoffice/common/postgres/iso-time.ts'
import { query } from '@boxoffice/common/postgres/query.ts'
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
  const [overdue] = await query<{ cutoff: string }>(scope.database.em(), selectCutoff)
  if (overdue === undefined) return
  if (!(await scope.answersRead())) return
  await advanceDue(scope, selectOverdue, [overdue.cutoff], { type: 'DEADLINE_PASSED' }, stopping)
}

/** As text, because a JavaScript Date would cut the microseconds off. */
const selectCutoff = `
  SELECT ${isoTime('now()')} AS cutoff FROM payment WHERE status = 'PENDING' AND deadline <= now() LIMIT 1`

const selectOverdue = `
  SELECT payment_id, traceparent FROM payment
  WHERE status = 'PENDING' AND deadline <= $2::timestamptz
  ORDER BY payment_id
  LIMIT $1
  FOR UPDATE SKIP LOCKED`

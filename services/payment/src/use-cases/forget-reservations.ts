import type { Database } from '@boxoffice/common/postgres/database.ts'
import { forgetReservations } from '../storage/known-reservations.ts'

/** Long enough for a late checkout to be refused at once with the reason. */
const keptAfterEndMs = 3_600_000
const rowsMax = 1_000

/** Forgets reservations that ended an hour ago, so that the table holds what an hour brings and no more. */
export async function forgetEndedReservations(
  database: Pick<Database, 'transaction'>,
  stopping: AbortSignal,
): Promise<void> {
  let isMore = true
  while (isMore && !stopping.aborted) {
    isMore = await database.transaction((em) =>
      forgetReservations(em, { endedBeforeMs: keptAfterEndMs, rowsMax }),
    )
  }
}

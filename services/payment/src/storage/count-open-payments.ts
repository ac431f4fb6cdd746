import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Command } from '../domain/saga.ts'

/** The number of payments that are not final and wait for the answer to the same command. */
export interface OpenPayments {
  readonly step: Command
  readonly count: number
  /** Those that have been open for longer than `stuckAfterMs`. */
  readonly stuck: number
  readonly oldestSeconds: number
}

/** Counts open payments, using the index of wakeups. The result leaves out steps without open payments. */
export async function countOpenPayments(em: EntityManager, stuckAfterMs: number): Promise<OpenPayments[]> {
  return await query<OpenPayments>(em, selectOpen, [stuckAfterMs])
}

const selectOpen = `
  SELECT CASE WHEN status = 'FAILED' THEN 'REFUND_POINTS' WHEN points = 'TAKEN' THEN 'CONFIRM_SEATS' ELSE 'USE_POINTS' END AS step,
         count(*)::int AS count,
         (count(*) FILTER (WHERE created_at < now() - $1 * interval '1 ms'))::int AS stuck,
         extract(epoch FROM now() - min(created_at))::float8 AS "oldestSeconds"
  FROM payment
  WHERE ask_again_at IS NOT NULL
  GROUP BY step`

import { query } from '@boxoffice/common/postgres/query.ts'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Confirmation } from '../domain/confirm-seats.ts'
import { clockMs } from './read-clock.ts'

/** Reads the decisions for payments and, in the same round trip, the time that readClock reads. */
export async function readConfirmations(
  em: EntityManager,
  paymentIds: readonly string[],
): Promise<{ readonly confirmations: readonly Confirmation[]; readonly now: Date }> {
  const [row] = await query<Row>(em, selectConfirmations, [paymentIds])
  if (row === undefined) throw new Error('the database returned no time')
  const confirmations = (row.confirmations ?? []).map((confirmation) => ({
    ...confirmation,
    decidedAt: new Date(confirmation.decidedAt),
  }))
  return { confirmations, now: new Date(Number(row.now_ms)) }
}

interface Row {
  readonly now_ms: string
  /** Times are milliseconds since 1970. */
  readonly confirmations: readonly (Omit<Confirmation, 'decidedAt'> & { readonly decidedAt: number })[] | null
}

const selectConfirmations = `
  SELECT ${clockMs} AS now_ms,
         (SELECT json_agg(json_build_object('paymentId', payment_id, 'reservationId', reservation_id, 'refusal', refusal,
                                            'decidedAt', extract(epoch FROM decided_at) * 1000))
          FROM confirmation WHERE payment_id = ANY($1::uuid[])) AS confirmations`

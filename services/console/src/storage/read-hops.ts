import { query } from '@boxoffice/common/postgres/query.ts'
import { PaymentCompletedEventSchema } from '@boxoffice/proto/boxoffice/payment/v1/payment_events_pb.ts'
import {
  PointUsedEventSchema,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import {
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import type { DescMessage } from '@bufbuild/protobuf'
import type { EntityManager } from '@mikro-orm/postgresql'
import type { Hop } from '../contract/answers.ts'

/** The steps of a checkout that completes, in their order. */
const steps: readonly DescMessage[] = [
  UsePointCommandSchema,
  PointUsedEventSchema,
  ConfirmSeatsCommandSchema,
  SeatsConfirmedEventSchema,
  PaymentCompletedEventSchema,
]

/** The time that each step of the latest completed payments took. */
export async function readHops(em: EntityManager): Promise<Hop[]> {
  const rows = await query<HopRow>(em, selectHops, [steps.map(({ typeName }) => typeName)])
  return rows.map(({ type, handled, outbox }) => ({ type, handledMs: handled, outboxMs: outbox }))
}

interface HopRow {
  readonly type: string
  readonly handled: number | null
  readonly outbox: number
}

const selectHops = `
  WITH latest AS (
    SELECT payment_id FROM payment
    WHERE status = 'COMPLETED' AND updated_at >= clock_timestamp() - interval '60 seconds'
    ORDER BY updated_at DESC LIMIT 100)
  SELECT message.type,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM message.made_at - cause.published_at)::float8 * 1000)
      FILTER (WHERE cause.published_at IS NOT NULL) AS handled,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM message.published_at - message.made_at)::float8 * 1000)
      AS outbox
  FROM latest
  JOIN message USING (payment_id)
  LEFT JOIN message AS cause ON cause.payment_id = message.payment_id AND cause.message_id = message.cause_id
  WHERE message.problem IS NULL AND message.type = ANY($1)
  GROUP BY message.type
  ORDER BY array_position($1, message.type)`

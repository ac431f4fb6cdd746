import { timeAndIdCursor } from '@boxoffice/common/grpc/cursor.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { CancelPaymentResponseSchema } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { toJson } from '@bufbuild/protobuf'
import type { FastifyInstance } from 'fastify'
import type { PaymentList, PaymentTimeline, TrailMessage } from '../contract/answers.ts'
import { toTrailMessage } from '../contract/to-answers.ts'
import { orderByCause } from '../domain/order-by-cause.ts'
import { lastPosition, messagesOf } from '../storage/read-messages.ts'
import { findPayments, listPayments } from '../storage/read-payments.ts'
import { type Flag, fields, queryOf, requestId, uuid } from './fields.ts'
import { viewerRole } from './roles.ts'
import type { Services } from './services.ts'
import { asCaller } from './sign-in.ts'

const messagesMax = 500

/** Routes that list payments, show one with its messages, and cancel one. */
export function registerPayments(app: FastifyInstance, database: Database, services: Services): void {
  app.get<{ Querystring: ListQuery }>('/api/payments', { schema: listSchema }, async ({ query }) => {
    // Read before the list, so that the stream repeats what is written in between instead of missing it.
    const position = String(await lastPosition(database.em()))
    const { status, user, id, before } = query
    const limit = Number(query.limit ?? 50)
    const filter = {
      ...{ limit, status, userId: user, idPrefix: id, faulty: query.faulty === 'true' },
      before: before === undefined ? undefined : timeAndIdCursor.parse(before),
    }
    const payments = await listPayments(database.em(), filter)
    const last = payments.at(-1)
    const next = payments.length < limit || last === undefined ? null : `${last.createTime}/${last.paymentId}`
    return { payments, position, next } satisfies PaymentList
  })

  app.get<{ Params: { id: string } }>(
    '/api/payments/:id',
    { schema: { params: uuid('id') } },
    async ({ params }) => {
      const position = String(await lastPosition(database.em()))
      const [payment] = await findPayments(database.em(), [params.id])
      const rows = await messagesOf(database.em(), params.id, messagesMax)
      const messages = orderByCause(statesFirst(rows.map(toTrailMessage)))
      return { payment: payment ?? null, messages, position } satisfies PaymentTimeline
    },
  )

  app.post<{ Params: { id: string }; Body: { requestId: string } }>(
    '/api/payments/:id/cancel',
    { config: { role: viewerRole }, schema: { params: uuid('id'), body: requestId() } },
    async (request) => {
      const { params, body } = request
      const answer = await services.payments.cancelPayment(
        { requestId: body.requestId, paymentId: params.id },
        asCaller(request),
      )
      return toJson(CancelPaymentResponseSchema, answer)
    },
  )
}

/**
 * Puts a payment's state before what follows from it: both have the same time, and a reader wants to see the state
 * first.
 */
function statesFirst(messages: readonly TrailMessage[]): TrailMessage[] {
  const rank = ({ topic }: TrailMessage): number => (topic === 'payment-events' ? 0 : 1)
  return messages.toSorted((a, b) => rank(a) - rank(b))
}

interface ListQuery {
  readonly status?: string
  readonly user?: string
  readonly id?: string
  readonly faulty?: Flag
  readonly before?: string
  readonly limit?: string
}

/** The beginning of a UUID. Dashes are optional, and only allowed where a UUID has them. */
const idBegins = '^(h{1,8}|h{8}-?(h{0,4}|h{4}-?(h{0,4}|h{4}-?(h{0,4}|h{4}-?h{0,12}))))$'.replaceAll(
  'h',
  '[0-9a-fA-F]',
)

const listSchema = {
  querystring: queryOf({
    status: { enum: ['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED'] },
    user: fields.text(128),
    id: { type: 'string', pattern: idBegins },
    faulty: fields.flag,
    before: { type: 'string', format: 'payment-place' },
    // 1 to 200.
    limit: { type: 'string', pattern: '^([1-9][0-9]?|1[0-9][0-9]|200)$' },
  }),
}

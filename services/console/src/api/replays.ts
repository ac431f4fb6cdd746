import {
  CancelReplayResponseSchema,
  DryRunReplayResponseSchema,
  GetReplayResponseSchema,
  type ReplayRangeSchema,
  StartReplayResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/replay_service_pb.ts'
import { type MessageInitShape, toJson } from '@bufbuild/protobuf'
import { timestampFromDate } from '@bufbuild/protobuf/wkt'
import type { FastifyInstance } from 'fastify'
import { of } from './dead-letters.ts'
import { fields, objectOf, requestId } from './fields.ts'
import { parseInstant } from './parse-instant.ts'
import { operatorRole } from './roles.ts'
import type { ServiceName, Services } from './services.ts'
import { as } from './sign-in.ts'

/** Reading a consumer's past again: first what that would be, then doing it. */
export function registerReplays(app: FastifyInstance, { operators }: Services): void {
  app.post<{ Params: Of; Body: From }>(
    '/api/replays/:service/dry-run',
    { schema: { params: of(), body: objectOf({ from: fromField }) } },
    async (request) => {
      const { service } = request.params
      const query = { range: rangeOf(service, request.body) }
      return toJson(
        DryRunReplayResponseSchema,
        await operators[service].replays.dryRunReplay(query, as(request)),
      )
    },
  )

  app.post<{ Params: Of; Body: From & { requestId: string } }>(
    '/api/replays/:service',
    { schema: { params: of(), body: requestId({ from: fromField }) } },
    async (request) => {
      const { service } = request.params
      const start = { requestId: request.body.requestId, range: rangeOf(service, request.body) }
      return toJson(
        StartReplayResponseSchema,
        await operators[service].replays.startReplay(start, as(request)),
      )
    },
  )

  app.get<{ Params: One }>(
    '/api/replays/:service/:id',
    { config: { role: operatorRole }, schema: { params: one } },
    async (request) => {
      const { service, id } = request.params
      return toJson(
        GetReplayResponseSchema,
        await operators[service].replays.getReplay({ replayId: id }, as(request)),
      )
    },
  )

  app.post<{ Params: One; Body: { requestId: string } }>(
    '/api/replays/:service/:id/cancel',
    { schema: { params: one, body: requestId() } },
    async (request) => {
      const { service, id } = request.params
      const cancel = { requestId: request.body.requestId, replayId: id }
      return toJson(
        CancelReplayResponseSchema,
        await operators[service].replays.cancelReplay(cancel, as(request)),
      )
    },
  )
}

interface Of {
  readonly service: ServiceName
}

interface One extends Of {
  readonly id: string
}

interface From {
  /** `earliest`, or a time as ISO 8601. */
  readonly from: string
}

/** A service's consumer has the service's name. */
function rangeOf(consumer: string, { from }: From): MessageInitShape<typeof ReplayRangeSchema> {
  if (from === 'earliest') return { consumer, from: { case: 'earliest', value: true } }
  const time = parseInstant(from)
  if (time === undefined) throw new TypeError(`the schema of a request let ${from} pass as a time`)
  return { consumer, from: { case: 'time', value: timestampFromDate(time) } }
}

const one = of({ id: fields.uuid })
const fromField = { type: 'string', anyOf: [{ const: 'earliest' }, { format: 'instant' }] } as const

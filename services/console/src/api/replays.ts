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
import { serviceParams } from './dead-letters.ts'
import { fields, objectOf, requestId } from './fields.ts'
import { parseInstant } from './parse-instant.ts'
import { operatorRole } from './roles.ts'
import type { ServiceName, Services } from './services.ts'
import { asCaller } from './sign-in.ts'

/** Routes that preview, start, show and cancel the replay of a consumer's past messages. */
export function registerReplays(app: FastifyInstance, { operators }: Services): void {
  app.post<{ Params: ServiceParams; Body: From }>(
    '/api/replays/:service/dry-run',
    { schema: { params: serviceParams(), body: objectOf({ from: fromField }) } },
    async (request) => {
      const { service } = request.params
      const query = { range: rangeOf(service, request.body) }
      return toJson(
        DryRunReplayResponseSchema,
        await operators[service].replays.dryRunReplay(query, asCaller(request)),
      )
    },
  )

  app.post<{ Params: ServiceParams; Body: From & { requestId: string } }>(
    '/api/replays/:service',
    { schema: { params: serviceParams(), body: requestId({ from: fromField }) } },
    async (request) => {
      const { service } = request.params
      const start = { requestId: request.body.requestId, range: rangeOf(service, request.body) }
      return toJson(
        StartReplayResponseSchema,
        await operators[service].replays.startReplay(start, asCaller(request)),
      )
    },
  )

  app.get<{ Params: ReplayParams }>(
    '/api/replays/:service/:id',
    { config: { role: operatorRole }, schema: { params: replayParams } },
    async (request) => {
      const { service, id } = request.params
      return toJson(
        GetReplayResponseSchema,
        await operators[service].replays.getReplay({ replayId: id }, asCaller(request)),
      )
    },
  )

  app.post<{ Params: ReplayParams; Body: { requestId: string } }>(
    '/api/replays/:service/:id/cancel',
    { schema: { params: replayParams, body: requestId() } },
    async (request) => {
      const { service, id } = request.params
      const cancel = { requestId: request.body.requestId, replayId: id }
      return toJson(
        CancelReplayResponseSchema,
        await operators[service].replays.cancelReplay(cancel, asCaller(request)),
      )
    },
  )
}

interface ServiceParams {
  readonly service: ServiceName
}

interface ReplayParams extends ServiceParams {
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

const replayParams = serviceParams({ id: fields.uuid })
const fromField = { type: 'string', anyOf: [{ const: 'earliest' }, { format: 'instant' }] } as const

import { DeadLetterState, DiscardOutcome } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import {
  DiscardDeadLetterResponseSchema,
  GetDeadLetterResponseSchema,
  ListDeadLettersResponseSchema,
  RedriveDeadLettersResponseSchema,
} from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { toJson } from '@bufbuild/protobuf'
import type { FastifyInstance } from 'fastify'
import { type Flag, fields, objectOf, queryOf, requestId } from './fields.ts'
import { operatorRole } from './roles.ts'
import { type ServiceName, type Services, serviceNames } from './services.ts'
import { asCaller } from './sign-in.ts'

const pageSize = 100

/**
 * Routes that list, redrive and discard the dead letters of the services. The services ask for the operator's role.
 */
export function registerDeadLetters(app: FastifyInstance, { operators }: Services): void {
  app.get<{ Params: ServiceParams; Querystring: { all?: Flag; pageToken?: string } }>(
    '/api/dead-letters/:service',
    { config: { role: operatorRole }, schema: { params: serviceParams(), querystring: listQuery } },
    async (request) => {
      const { all, pageToken = '' } = request.query
      const state = all === 'true' ? DeadLetterState.UNSPECIFIED : DeadLetterState.PUT_ASIDE
      const query = { filter: { state }, pageSize, pageToken }
      const answer = await operators[request.params.service].deadLetters.listDeadLetters(
        query,
        asCaller(request),
      )
      return toJson(ListDeadLettersResponseSchema, answer)
    },
  )

  app.get<{ Params: LetterParams }>(
    '/api/dead-letters/:service/:id',
    { config: { role: operatorRole }, schema: { params: letterParams } },
    async (request) => {
      const { service, id } = request.params
      const answer = await operators[service].deadLetters.getDeadLetter(
        { deadLetterId: id },
        asCaller(request),
      )
      return toJson(GetDeadLetterResponseSchema, answer)
    },
  )

  app.post<{ Params: LetterParams; Body: { requestId: string } }>(
    '/api/dead-letters/:service/:id/redrive',
    { schema: { params: letterParams, body: requestId() } },
    async (request) => {
      const { service, id } = request.params
      const selection = { case: 'deadLetterId', value: id } as const
      const redrive = { requestId: request.body.requestId, selection }
      const answer = await operators[service].deadLetters.redriveDeadLetters(redrive, asCaller(request))
      return toJson(RedriveDeadLettersResponseSchema, answer)
    },
  )

  app.post<{ Params: LetterParams; Body: Discard }>(
    '/api/dead-letters/:service/:id/discard',
    {
      schema: {
        params: letterParams,
        body: requestId({ reason: fields.text(1_000), outcome: { enum: Object.keys(DiscardOutcome) } }),
      },
    },
    async (request) => {
      const { service, id } = request.params
      const { outcome, ...body } = request.body
      const discard = { ...body, deadLetterId: id, outcome: DiscardOutcome[outcome] }
      const answer = await operators[service].deadLetters.discardDeadLetter(discard, asCaller(request))
      return toJson(DiscardDeadLetterResponseSchema, answer)
    },
  )
}

interface ServiceParams {
  readonly service: ServiceName
}

interface LetterParams extends ServiceParams {
  readonly id: string
}

interface Discard {
  readonly requestId: string
  readonly reason: string
  readonly outcome: keyof typeof DiscardOutcome
}

/** JSON schema serviceParams the parameters serviceParams a path that names a service. */
export function serviceParams(properties: Readonly<Record<string, object>> = {}) {
  return objectOf({ service: { enum: serviceNames }, ...properties })
}

const letterParams = serviceParams({ id: fields.uuid })
const listQuery = queryOf({ all: fields.flag, pageToken: fields.pageToken })

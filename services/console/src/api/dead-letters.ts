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
import { as } from './sign-in.ts'

const pageSize = 100

/** What the services' consumers have put aside, redriving it, and giving it up. The services ask for the operator's role. */
export function registerDeadLetters(app: FastifyInstance, { operators }: Services): void {
  app.get<{ Params: Of; Querystring: { all?: Flag; pageToken?: string } }>(
    '/api/dead-letters/:service',
    { config: { role: operatorRole }, schema: { params: of(), querystring: listQuery } },
    async (request) => {
      const { all, pageToken = '' } = request.query
      const state = all === 'true' ? DeadLetterState.UNSPECIFIED : DeadLetterState.PUT_ASIDE
      const query = { filter: { state }, pageSize, pageToken }
      const answer = await operators[request.params.service].deadLetters.listDeadLetters(query, as(request))
      return toJson(ListDeadLettersResponseSchema, answer)
    },
  )

  app.get<{ Params: One }>(
    '/api/dead-letters/:service/:id',
    { config: { role: operatorRole }, schema: { params: one } },
    async (request) => {
      const { service, id } = request.params
      const answer = await operators[service].deadLetters.getDeadLetter({ deadLetterId: id }, as(request))
      return toJson(GetDeadLetterResponseSchema, answer)
    },
  )

  app.post<{ Params: One; Body: { requestId: string } }>(
    '/api/dead-letters/:service/:id/redrive',
    { schema: { params: one, body: requestId() } },
    async (request) => {
      const { service, id } = request.params
      const selection = { case: 'deadLetterId', value: id } as const
      const redrive = { requestId: request.body.requestId, selection }
      const answer = await operators[service].deadLetters.redriveDeadLetters(redrive, as(request))
      return toJson(RedriveDeadLettersResponseSchema, answer)
    },
  )

  app.post<{ Params: One; Body: Discard }>(
    '/api/dead-letters/:service/:id/discard',
    {
      schema: {
        params: one,
        body: requestId({ reason: fields.text(1_000), outcome: { enum: Object.keys(DiscardOutcome) } }),
      },
    },
    async (request) => {
      const { service, id } = request.params
      const { outcome, ...body } = request.body
      const discard = { ...body, deadLetterId: id, outcome: DiscardOutcome[outcome] }
      const answer = await operators[service].deadLetters.discardDeadLetter(discard, as(request))
      return toJson(DiscardDeadLetterResponseSchema, answer)
    },
  )
}

interface Of {
  readonly service: ServiceName
}

interface One extends Of {
  readonly id: string
}

interface Discard {
  readonly requestId: string
  readonly reason: string
  readonly outcome: keyof typeof DiscardOutcome
}

/** JSON schema of the parameters of a path that names a service. */
export function of(properties: Readonly<Record<string, object>> = {}) {
  return objectOf({ service: { enum: serviceNames }, ...properties })
}

const one = of({ id: fields.uuid })
const listQuery = queryOf({ all: fields.flag, pageToken: fields.pageToken })

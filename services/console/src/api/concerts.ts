import { callUnits } from '@boxoffice/common/admission/limits.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { CheckoutResponseSchema } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import {
  HoldSeatsResponseSchema,
  ListConcertsResponseSchema,
  type ListSeatsResponse,
  ListSeatsResponseSchema,
  ReleaseReservationResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create, toJson } from '@bufbuild/protobuf'
import type { FastifyInstance } from 'fastify'
import { lastPosition } from '../storage/read-messages.ts'
import { fields, requestId, uuid } from './fields.ts'
import { viewerRole } from './roles.ts'
import type { Services } from './services.ts'
import { asCaller } from './sign-in.ts'

/** The largest page of ListSeats, and the number of pages that the largest concert, with 20,000 seats, takes. */
const seatsPageSize = 5_000
const seatsPagesMax = 4

/** Routes that list concerts and seats, hold and release seats, and check out, in the caller's name. */
export function registerConcerts(app: FastifyInstance, database: Database, services: Services): void {
  const seatMap = shared(async (concertId, caller: ReturnType<typeof asCaller>) => {
    const position = String(await lastPosition(database.em()))
    const answer = await allSeats(services, concertId, caller)
    return JSON.stringify({ ...(toJson(ListSeatsResponseSchema, answer) as object), position })
  })
  app.get('/api/concerts', async (request) =>
    toJson(
      ListConcertsResponseSchema,
      await services.reservations.listConcerts({ pageSize: 200 }, asCaller(request)),
    ),
  )

  app.get<{ Params: { id: string } }>(
    '/api/concerts/:id/seats',
    { schema: { params: uuid('id') }, config: { units: callUnits.list } },
    async (request, reply) => {
      void reply.type('application/json; charset=utf-8')
      return await seatMap(request.params.id, asCaller(request))
    },
  )

  app.post<{ Body: { requestId: string; concertId: string; seats: string[] } }>(
    '/api/holds',
    {
      config: { role: viewerRole },
      schema: { body: requestId({ concertId: fields.uuid, seats: seatList }) },
    },
    async (request) =>
      toJson(HoldSeatsResponseSchema, await services.reservations.holdSeats(request.body, asCaller(request))),
  )

  app.post<{ Params: { id: string }; Body: { requestId: string } }>(
    '/api/holds/:id/release',
    { config: { role: viewerRole }, schema: { params: uuid('id'), body: requestId() } },
    async (request) => {
      const release = { requestId: request.body.requestId, reservationId: request.params.id }
      const answer = await services.reservations.releaseReservation(release, asCaller(request))
      return toJson(ReleaseReservationResponseSchema, answer)
    },
  )

  app.post<{ Body: { requestId: string; reservationId: string; amount: string } }>(
    '/api/checkouts',
    {
      config: { role: viewerRole },
      schema: { body: requestId({ reservationId: fields.uuid, amount: fields.points }) },
    },
    async (request) => {
      const checkout = { ...request.body, amount: BigInt(request.body.amount) }
      return toJson(CheckoutResponseSchema, await services.payments.checkout(checkout, asCaller(request)))
    },
  )
}

/**
 * Lets requests that wait for the map of the same concert share one: the map of a large concert is megabytes. It is
 * the same for every caller, and every caller who gets here may read it.
 */
function shared<Caller>(
  make: (concertId: string, caller: Caller) => Promise<string>,
): (concertId: string, caller: Caller) => Promise<string> {
  const making = new Map<string, Promise<string>>()
  return (concertId, caller) => {
    const known = making.get(concertId)
    if (known !== undefined) return known
    const made = make(concertId, caller).finally(() => making.delete(concertId))
    making.set(concertId, made)
    return made
  }
}

async function allSeats(
  services: Services,
  concertId: string,
  caller: ReturnType<typeof asCaller>,
): Promise<ListSeatsResponse> {
  const all = create(ListSeatsResponseSchema)
  for (let page = 0; page < seatsPagesMax; page++) {
    const query = { concertId, pageSize: seatsPageSize, pageToken: all.nextPageToken }
    const { seats, nextPageToken } = await services.reservations.listSeats(query, caller)
    for (const seat of seats) all.seats.push(seat)
    all.nextPageToken = nextPageToken
    if (nextPageToken === '') break
  }
  return all
}

const seatList = {
  type: 'array',
  items: fields.text(20),
  minItems: 1,
  maxItems: 50,
} as const

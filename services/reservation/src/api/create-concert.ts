import { apiError, Code, ErrorReason } from '@boxoffice/common/grpc/errors.ts'
import { rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import { appendToOutbox } from '@boxoffice/common/outbox/append.ts'
import { deriveResourceId } from '@boxoffice/common/outbox/message-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import {
  type CreateConcertRequest,
  type CreateConcertResponse,
  CreateConcertResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import type { EntityManager } from '@mikro-orm/postgresql'
import { concertFingerprint } from '../contract/fingerprints.ts'
import { concertCreatedMessage } from '../contract/outgoing.ts'
import { toConcertMessage } from '../contract/to-proto.ts'
import { countSeats, type Section, seatsMax } from '../domain/concert.ts'
import { countTakenSeats } from '../storage/count-taken-seats.ts'
import { ConcertEntity, type ConcertRow } from '../storage/entities.ts'
import { insertSeats } from '../storage/insert-seats.ts'
import { readClock } from '../storage/read-clock.ts'

/** CreateConcert: a concert and all of its seats, once for each request id. */
export function createConcertOnce(database: Database, seatsPerUserMaxDefault: number) {
  return async (request: CreateConcertRequest, call: CallContext): Promise<CreateConcertResponse> => {
    const sections = request.sections.map(({ name, rows, seatsPerRow, price }) => ({
      name,
      rows,
      seatsPerRow,
      price: Number(price),
    }))
    refuseTooManySeats(sections)
    return database.transaction(async (em) => {
      const concertId = deriveResourceId(call.subject, request.requestId)
      const seen = await rememberRequest(em, {
        subject: call.subject,
        method: 'CreateConcert',
        requestId: request.requestId,
        fingerprint: concertFingerprint(request),
        resourceId: concertId,
      })
      if (seen === 'new') {
        const seatsPerUserMax = request.seatsPerUserMax || seatsPerUserMaxDefault
        const concert = await insertConcert(em, { ...request, concertId, sections, seatsPerUserMax })
        await appendToOutbox(em, [
          concertCreatedMessage(
            concert,
            call.subject,
            {
              requestId: request.requestId,
              traceparent: call.traceparent,
            },
            request.seatsPerUserMax,
          ),
        ])
      }
      return present(em, concertId)
    })
  }
}

function refuseTooManySeats(sections: readonly Section[]): void {
  const seats = countSeats(sections)
  if (seats <= seatsMax) return
  throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, 'The concert has too many seats', {}, [
    { field: 'sections', description: `${seats} seats are more than ${seatsMax}` },
  ])
}

async function insertConcert(
  em: EntityManager,
  wanted: Pick<CreateConcertRequest, 'title' | 'startTime' | 'seatsPerUserMax'> & {
    readonly concertId: string
    readonly sections: readonly Section[]
  },
): Promise<ConcertRow> {
  const { concertId, title, startTime, sections, seatsPerUserMax } = wanted
  const concert = em.create(ConcertEntity, {
    concertId,
    title,
    // The contract requires it, and every request is checked against the contract first.
    startTime: timestampDate(startTime as Timestamp),
    sections,
    seatsTotal: countSeats(sections),
    seatsPerUserMax,
    createdAt: await readClock(em),
  })
  await em.flush()
  await insertSeats(em, concertId, sections)
  return concert
}

async function present(em: EntityManager, concertId: string): Promise<CreateConcertResponse> {
  const concert = await em.findOneOrFail(ConcertEntity, { concertId })
  const taken = await countTakenSeats(em, [concertId])
  return create(CreateConcertResponseSchema, {
    concert: toConcertMessage(concert, taken.get(concertId) ?? 0),
  })
}

import { deriveResourceId } from '@boxoffice/common/grpc/resource-id.ts'
import type { CallContext } from '@boxoffice/common/grpc/server.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { apiError, Code, ErrorReason } from '@boxoffice/common/status/errors.ts'
import {
  type CreateConcertRequest,
  type CreateConcertResponse,
  CreateConcertResponseSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt'
import { concertFingerprint } from '../contract/fingerprints.ts'
import { toConcertMessage } from '../contract/to-proto.ts'
import { countSeats, type Section, seatsMax } from '../domain/concert.ts'
import { createConcert } from '../use-cases/create-concert.ts'

/** CreateConcert: creates a concert and all of its seats, once for each request id. */
export function createConcertOnce(database: Database, seatsPerUserMaxDefault: number) {
  return async (request: CreateConcertRequest, call: CallContext): Promise<CreateConcertResponse> => {
    const { requestId, title } = request
    const sections = request.sections.map(({ name, rows, seatsPerRow, price }) => ({
      name,
      rows,
      seatsPerRow,
      price: Number(price),
    }))
    refuseTooManySeats(sections)
    const { concert, seatsTaken } = await createConcert(database, {
      concertId: deriveResourceId(call.subject, requestId),
      subject: call.subject,
      requestId,
      fingerprint: concertFingerprint(request),
      title,
      // The contract requires it, and every request is checked against the contract first.
      startTime: timestampDate(request.startTime as Timestamp),
      sections,
      seatsPerUserMax: request.seatsPerUserMax || seatsPerUserMaxDefault,
      seatsPerUserMaxAsked: request.seatsPerUserMax,
      traceparent: call.traceparent,
    })
    return create(CreateConcertResponseSchema, { concert: toConcertMessage(concert, seatsTaken) })
  }
}

function refuseTooManySeats(sections: readonly Section[]): void {
  const seats = countSeats(sections)
  if (seats <= seatsMax) return
  throw apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, 'The concert has too many seats', {}, [
    { field: 'sections', description: `${seats} seats are more than ${seatsMax}` },
  ])
}

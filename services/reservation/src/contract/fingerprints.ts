import { fingerprintOf } from '@boxoffice/common/grpc/request-id.ts'
import type { Section } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import {
  CreateConcertRequestSchema,
  HoldSeatsRequestSchema,
  ReleaseReservationRequestSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create, type MessageInitShape } from '@bufbuild/protobuf'
import { type Timestamp, timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt'

/**
 * Fingerprints that say whether two requests are the same. A request and its published event have the same
 * fingerprint, because a restore remembers requests from events. So the order of seats and fractions of a millisecond
 * do not count.
 */

export function holdFingerprint(request: {
  readonly requestId: string
  readonly concertId: string
  readonly seats: readonly string[]
}): Uint8Array {
  const { requestId, concertId, seats } = request
  return fingerprint(HoldSeatsRequestSchema, { requestId, concertId, seats: seats.toSorted() })
}

export function releaseFingerprint(request: {
  readonly requestId: string
  readonly reservationId: string
}): Uint8Array {
  const { requestId, reservationId } = request
  return fingerprint(ReleaseReservationRequestSchema, { requestId, reservationId })
}

export function concertFingerprint(request: {
  readonly requestId: string
  readonly title: string
  readonly startTime?: Timestamp | undefined
  readonly sections: readonly Section[]
  /** As in the request: 0 if the caller left it to the service. */
  readonly seatsPerUserMax: number
}): Uint8Array {
  const { requestId, title, startTime, sections, seatsPerUserMax } = request
  return fingerprint(CreateConcertRequestSchema, {
    requestId,
    title,
    ...(startTime === undefined ? {} : { startTime: timestampFromDate(timestampDate(startTime)) }),
    sections: [...sections],
    seatsPerUserMax,
  })
}

function fingerprint<Desc extends Parameters<typeof fingerprintOf>[0]>(
  schema: Desc,
  fields: MessageInitShape<Desc>,
): Uint8Array {
  return fingerprintOf(schema, create(schema, fields))
}

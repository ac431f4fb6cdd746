import { ReservationStatusSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { fromBinary, toJson } from '@bufbuild/protobuf'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import type { MessageRow } from '../storage/read-messages.ts'
import type { FeedEvent, PaymentSummary, SeatChange, TrailMessage } from './answers.ts'
import { enumName } from './enum-name.ts'
import { reservationOf } from './facts.ts'
import { schemaOf } from './schemas.ts'

/** Converts a row of the trail, with its payload decoded. */
export function toTrailMessage(row: MessageRow): TrailMessage {
  const body = decode(row)
  const schema = schemaOf.get(row.type)
  return {
    position: row.position,
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    messageId: row.message_id,
    causeId: row.cause_id,
    paymentId: row.payment_id,
    type: row.type,
    source: row.source,
    key: row.key,
    headers: row.headers,
    payload: body === undefined || schema === undefined ? null : toJson(schema, body),
    bytes: body === undefined ? (row.payload?.toString('base64') ?? null) : null,
    problem: row.problem,
    madeTime: row.made,
    publishedTime: row.published,
    recordedTime: row.recorded,
  }
}

/** Converts a row of the trail to an event of the stream. */
export function toFeedEvent(row: MessageRow, payment: PaymentSummary | undefined): FeedEvent {
  const seats = seatsOf(row)
  return {
    position: row.position,
    topic: row.topic,
    partition: row.partition,
    offset: row.offset,
    type: row.type,
    paymentId: row.payment_id,
    madeTime: row.made,
    recordedTime: row.recorded,
    problem: row.problem,
    ...(payment === undefined ? {} : { payment }),
    ...(seats === undefined ? {} : { seats }),
  }
}

function seatsOf(row: MessageRow): SeatChange | undefined {
  if (row.topic !== 'reservation-events' || row.problem !== null) return undefined
  const body = decode(row)
  const reservation = body === undefined ? undefined : reservationOf({ type: row.type, body })
  if (reservation === undefined) return undefined
  const { concertId, reservationId, version, createTime, seats, status, userId } = reservation
  return {
    concertId,
    reservationId,
    version,
    createTime: (createTime === undefined ? new Date(0) : timestampDate(createTime)).toISOString(),
    seats,
    userId,
    status: enumName(ReservationStatusSchema, status),
  }
}

function decode({ type, payload, problem }: MessageRow) {
  const schema = schemaOf.get(type)
  if (schema === undefined || payload === null) return undefined
  // A record that breaks a rule or its contract can still be decoded and shown.
  if (problem !== null && !/^(RULE_VIOLATED|WRONG_)/.test(problem)) return undefined
  try {
    return fromBinary(schema, payload)
  } catch {
    // The payload is not of the type that the record names: it is shown as bytes.
    return undefined
  }
}

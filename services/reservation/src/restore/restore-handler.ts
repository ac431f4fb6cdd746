import { type RememberedRequest, restoreRequests } from '@boxoffice/common/grpc/request-id.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import type { ReceivedMessage } from '@boxoffice/messaging'
import type { Applied, Fact, RestoreHandler } from '@boxoffice/messaging/operations'
import { createProtobufCodec, topicOf } from '@boxoffice/messaging-protobuf'
import {
  type ConcertCreatedEvent,
  ConcertCreatedEventSchema,
  type SeatsConfirmedEvent,
  SeatsConfirmedEventSchema,
  type SeatsHeldEvent,
  SeatsHeldEventSchema,
  type SeatsReleasedEvent,
  SeatsReleasedEventSchema,
} from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { timestampDate } from '@bufbuild/protobuf/wkt'
import { concertFingerprint, holdFingerprint, releaseFingerprint } from '../contract/fingerprints.ts'
import { fromReservationMessage, fromSeatsRefusal } from '../contract/from-proto.ts'
import { type ReservationFact, restoreReservations } from '../domain/restore-reservation.ts'
import { holdMethod } from '../storage/hold-method.ts'
import { restoreConcert } from '../storage/restore-concerts.ts'
import { readKnown, saveRestored } from '../storage/restore-reservations.ts'

type Event = SeatsConfirmedEvent | SeatsHeldEvent | SeatsReleasedEvent | ConcertCreatedEvent

/** Restores reservations from reservation-events: each concert, hold, release and sale that was published. */
export const reservationRestoreHandler: RestoreHandler<EntityManager> = {
  topics: [topicOf(SeatsConfirmedEventSchema)],
  codec: createProtobufCodec([
    SeatsConfirmedEventSchema,
    SeatsHeldEventSchema,
    SeatsReleasedEventSchema,
    ConcertCreatedEventSchema,
  ]),
  lineOf,
  apply: applyFacts,
}

/** Concerts are restored first, in the order of their creation: without them there are no seats. */
function lineOf(message: ReceivedMessage): string {
  const event = message.body as Event
  if (isConcert(event)) return `concert ${message.time.toISOString()} ${event.concert?.concertId}`
  const id = isAnswer(event) ? event.reservationId : event.reservation?.reservationId
  return `reservation ${id}`
}

async function applyFacts(em: EntityManager, facts: readonly Fact[]): Promise<Applied> {
  const events = facts.map(({ body }) => body as Event)
  let concerts = 0
  for (const event of events.filter(isConcert)) if (await addConcert(em, event)) concerts += 1

  const reservationFacts = events.filter((event) => !isConcert(event)).map(toReservationFact)
  const known = await readKnown(
    em,
    reservationFacts.flatMap(({ reservation }) => reservation?.reservationId ?? []),
    reservationFacts.flatMap(({ confirmation }) => confirmation?.paymentId ?? []),
  )
  const restored = restoreReservations(known, reservationFacts)
  const faults = await saveRestored(em, restored.reservations, restored.confirmations)
  await restoreRequests(em, events.flatMap(requestOf))
  return {
    applied: concerts + restored.applied - faults.length,
    contradictions: [...restored.contradictions, ...faults],
  }
}

function isConcert(event: Event): event is ConcertCreatedEvent {
  return event.$typeName === ConcertCreatedEventSchema.typeName
}

function isAnswer(event: Event): event is SeatsConfirmedEvent {
  return event.$typeName === SeatsConfirmedEventSchema.typeName
}

function toReservationFact(event: Exclude<Event, ConcertCreatedEvent>): ReservationFact {
  const reservation = event.reservation && fromReservationMessage(event.reservation)
  if (!isAnswer(event)) return { reservation, confirmation: undefined }
  const { paymentId, reservationId, refusal, time } = event
  if (time === undefined) throw new Error(`the answer to payment ${paymentId} has no time`)
  const decidedAt = timestampDate(time)
  return {
    reservation,
    confirmation: { paymentId, reservationId, refusal: fromSeatsRefusal(refusal), decidedAt },
  }
}

async function addConcert(em: EntityManager, { concert }: ConcertCreatedEvent): Promise<boolean> {
  if (concert?.startTime === undefined || concert.createTime === undefined) {
    throw new Error('a concert was published without its times')
  }
  const { concertId, title, seatsTotal, seatsPerUserMax } = concert
  const sections = concert.sections.map(({ name, rows, seatsPerRow, price }) => ({
    name,
    rows,
    seatsPerRow,
    price: Number(price),
  }))
  const [startTime, createdAt] = [timestampDate(concert.startTime), timestampDate(concert.createTime)]
  return await restoreConcert(em, {
    concertId,
    title,
    startTime,
    sections,
    seatsTotal,
    seatsPerUserMax,
    createdAt,
  })
}

/** The request of the call that an event came from; empty for an answer to a command. */
function requestOf(event: Event): RememberedRequest[] {
  if (isAnswer(event)) return []
  const { requestId } = event
  if (isConcert(event)) {
    const { concert, subject, seatsPerUserMaxAsked } = event
    if (concert === undefined || subject === '') return []
    const fingerprint = concertFingerprint({
      ...concert,
      requestId,
      seatsPerUserMax: seatsPerUserMaxAsked,
    })
    return [{ subject, method: 'CreateConcert', requestId, fingerprint, resourceId: concert.concertId }]
  }
  const { reservation } = event
  if (reservation === undefined) return []
  const { userId: subject, reservationId, concertId, seats } = reservation
  const [method, fingerprint] =
    event.$typeName === SeatsHeldEventSchema.typeName
      ? [holdMethod, holdFingerprint({ requestId, concertId, seats })]
      : ['ReleaseReservation', releaseFingerprint({ requestId, reservationId })]
  return [{ subject, method, requestId, fingerprint, resourceId: reservationId }]
}

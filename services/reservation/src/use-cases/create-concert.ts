import { rememberRequest } from '@boxoffice/common/grpc/request-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { appendToOutbox } from '@boxoffice/messaging'
import { concertCreatedMessage, type Origin } from '../contract/outgoing.ts'
import { countSeats, type Section } from '../domain/concert.ts'
import { countTakenSeats } from '../storage/count-taken-seats.ts'
import type { ConcertRow } from '../storage/entities.ts'
import { findConcert } from '../storage/find-concert.ts'
import { insertConcert } from '../storage/insert-concert.ts'

/** A concert that a call asks for. */
export interface NewConcert extends Origin {
  readonly concertId: string
  /** The subject of the caller. */
  readonly subject: string
  /** From concertFingerprint. */
  readonly fingerprint: Uint8Array
  readonly title: string
  readonly startTime: Date
  readonly sections: readonly Section[]
  readonly seatsPerUserMax: number
  /** As in the request: 0 if the caller left it to the service. */
  readonly seatsPerUserMaxAsked: number
}

/** A concert, and the number of its seats that are sold or held. */
export interface ListedConcert {
  readonly concert: ConcertRow
  readonly seatsTaken: number
}

/**
 * Creates a concert and all of its seats, once for each request id.
 *
 * @throws ApiError ALREADY_EXISTS (REQUEST_ID_REUSED) if the id was used for another concert
 */
export function createConcert(database: Database, wanted: NewConcert): Promise<ListedConcert> {
  const { concertId, subject, requestId, fingerprint, seatsPerUserMaxAsked } = wanted
  return database.transaction(async (em) => {
    const request = { subject, method: 'CreateConcert', requestId, fingerprint, resourceId: concertId }
    if ((await rememberRequest(em, request)) === 'new') {
      const concert = await insertConcert(em, { ...wanted, seatsTotal: countSeats(wanted.sections) })
      await appendToOutbox(em, [concertCreatedMessage(concert, subject, wanted, seatsPerUserMaxAsked)])
    }
    const concert = await findConcert(em, concertId)
    const taken = await countTakenSeats(em, [concertId])
    return { concert, seatsTaken: taken.get(concertId) ?? 0 }
  })
}

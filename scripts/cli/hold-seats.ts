import type { Reservation } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { findConcert } from './find-concert.ts'
import { repeatable } from './repeatable.ts'
import type { Session } from './session.ts'
import { pointsText, timeText } from './text.ts'

export interface HoldOptions {
  readonly concert?: string
  readonly requestId: string
}

/**
 * Holds seats of a concert, all or none.
 *
 * @param requestId - the id of the hold, if it differs from that of the command
 */
export async function holdSeats(
  session: Session,
  seats: readonly string[],
  options: HoldOptions,
  requestId = options.requestId,
): Promise<Reservation> {
  const concertId = options.concert ?? (await findConcert(session, undefined)).concertId
  const request = { requestId, concertId, seats: [...seats] }
  const { reservation } = await repeatable(options.requestId, () =>
    session.reservation().holdSeats(request, { signal: session.signal }),
  )
  if (reservation === undefined) throw new Error('the answer holds no reservation')
  return reservation
}

/** `A-1-1, A-1-2: 24,000 points, held until 2030-06-01 20:00:00`. */
export function holdText({ seats, totalPrice, expireTime }: Reservation): string {
  return `${seats.join(', ')}: ${pointsText(totalPrice)}, held until ${timeText(expireTime)}`
}

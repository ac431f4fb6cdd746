/** Seats of a concert that a user's request asks for. */
export interface WantedSeats {
  readonly userId: string
  readonly requestId: string
  readonly concertId: string
  readonly seats: readonly string[]
}

/** The parameter of {@link wantedRows}. */
export function wantedJson(wanted: readonly WantedSeats[]): string {
  return JSON.stringify(
    wanted.map(({ userId, requestId, concertId, seats }, nth) => ({
      nth,
      user_id: userId,
      request_id: requestId,
      concert_id: concertId,
      seats,
    })),
  )
}

/** One row for each wanted hold, numbered by `nth` from 0. The statement's first parameter must be wantedJson. */
export const wantedRows =
  'jsonb_to_recordset($1) AS wanted (nth integer, user_id text, request_id uuid, concert_id uuid, seats text[])'

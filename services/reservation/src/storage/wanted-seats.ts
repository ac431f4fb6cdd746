/** Seats of a concert that a user wants, by a request. */
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

/** A row for each of what is wanted, which `nth` counts from 0: of a statement whose first parameter is its JSON. */
export const wantedRows =
  'jsonb_to_recordset($1) AS wanted (nth integer, user_id text, request_id uuid, concert_id uuid, seats text[])'

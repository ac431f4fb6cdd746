import type { FeedEvent, SeatChange } from '../../../src/contract/answers.ts'
import type { Seat } from '../parts/seat-map.tsx'

/** What the latest reservation of each seat was told to be. */
export type Told = ReadonlyMap<string, SeatChange>

export interface SeatNews {
  readonly told: Told
  /** What seats turn into, by their names. */
  readonly turns: ReadonlyMap<string, string>
  /** A reservation of which nothing was known has given up its seats, which may be another's: they have to be read. */
  readonly isUnsure: boolean
}

/**
 * Takes in what reservations did. Events of one seat come in any order: holds are told by reservation and sales by payment, in
 * different partitions. And a payment that is refused tells of a reservation whose seats may be somebody else's by now.
 */
export function hearSeats(before: Told, events: readonly FeedEvent[]): SeatNews {
  const told = new Map(before)
  const turns = new Map<string, string>()
  let isUnsure = false
  for (const { seats: change } of events) {
    const status = statusOf[change?.status ?? '']
    if (change === undefined || status === undefined) continue
    for (const seat of change.seats) {
      const last = told.get(seat)
      if (last !== undefined && !isLater(change, last)) continue
      told.set(seat, change)
      if (status !== free || last?.reservationId === change.reservationId) turns.set(seat, status)
      else isUnsure = true
    }
  }
  return { told, turns, isUnsure }
}

/** The seats with what they have turned into; those that stay as they are need not be drawn again. Sold is sold. */
export function turnSeats(seats: readonly Seat[], turns: SeatNews['turns']): readonly Seat[] {
  if (turns.size === 0) return seats
  return seats.map((seat) => {
    const status = turns.get(seat.seat)
    const stays = status === undefined || status === seat.status || seat.status === sold
    return stays ? seat : { ...seat, status }
  })
}

/** What is chosen without what has been taken; the same list if that is nothing. */
export function stillFree(chosen: readonly string[], seats: readonly Seat[]): readonly string[] {
  if (chosen.length === 0) return chosen
  const taken = new Set(seats.filter(({ status }) => status !== free).map(({ seat }) => seat))
  return chosen.some((seat) => taken.has(seat)) ? chosen.filter((seat) => !taken.has(seat)) : chosen
}

const free = 'SEAT_STATUS_AVAILABLE'
const sold = 'SEAT_STATUS_SOLD'

const statusOf: Readonly<Record<string, string>> = {
  HELD: 'SEAT_STATUS_HELD',
  SOLD: sold,
  RELEASED: free,
  EXPIRED: free,
}

function isLater(change: SeatChange, last: SeatChange): boolean {
  if (last.status === 'SOLD') return false
  if (change.reservationId !== last.reservationId)
    return change.status === 'SOLD' || change.createTime >= last.createTime
  if (change.version !== last.version) return change.version > last.version
  // That a hold lapsed is no version of its own.
  return last.status === 'HELD' && change.status === 'EXPIRED'
}

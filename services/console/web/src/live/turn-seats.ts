import type { FeedEvent, SeatChange } from '../../../src/contract/answers.ts'
import type { Seat } from '../parts/seat-map.tsx'

/** The change of the latest reservation of each seat. */
export type LatestChanges = ReadonlyMap<string, SeatChange>

export interface SeatNews {
  readonly latest: LatestChanges
  /** The new status of seats, by their names. */
  readonly turns: ReadonlyMap<string, string>
  /** True if an unknown reservation has released seats. They may belong to another one by now, and have to be read. */
  readonly isUnsure: boolean
}

/**
 * Applies the events of reservations. Events of one seat arrive in any order: holds are keyed by reservation and sales
 * by payment, in different partitions. And the event of a refused payment names a reservation whose seats may belong
 * to another one by now.
 */
export function hearSeats(before: LatestChanges, events: readonly FeedEvent[]): SeatNews {
  const latest = new Map(before)
  const turns = new Map<string, string>()
  let isUnsure = false
  for (const { seats: change } of events) {
    const status = statusOf[change?.status ?? '']
    if (change === undefined || status === undefined) continue
    for (const seat of change.seats) {
      const last = latest.get(seat)
      if (last !== undefined && !isLater(change, last)) continue
      latest.set(seat, change)
      if (status !== free || last?.reservationId === change.reservationId) turns.set(seat, status)
      else isUnsure = true
    }
  }
  return { latest, turns, isUnsure }
}

/**
 * Sets the new status of seats. Unchanged seats keep their object, and so are not drawn again. A sold seat stays sold.
 */
export function turnSeats(seats: readonly Seat[], turns: SeatNews['turns']): readonly Seat[] {
  if (turns.size === 0) return seats
  return seats.map((seat) => {
    const status = turns.get(seat.seat)
    const stays = status === undefined || status === seat.status || seat.status === sold
    return stays ? seat : { ...seat, status }
  })
}

/** The chosen seats without those that have been taken; the same list if none has been. */
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
  // A lapsed hold has no version of its own.
  return last.status === 'HELD' && change.status === 'EXPIRED'
}

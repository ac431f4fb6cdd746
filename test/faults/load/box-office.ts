import { setTimeout as sleep } from 'node:timers/promises'
import type { Concert } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { newConcert } from '../../support/customer.ts'
import type { TestSystem } from '../../support/shared-system.ts'
import type { Random } from '../random.ts'

/** Gives buyers their seats: either their own seats of a large concert, or seats that many buyers want. */
export interface BoxOffice {
  /** One seat, or two side by side, that no buyer has asked for before. */
  freshSeats(count: 1 | 2): Promise<Wanted>
  /** Seats that others want at the same time. */
  hotSeats(random: Random): Promise<Wanted>
}

export interface Wanted {
  readonly concertId: string
  readonly seats: string[]
}

const seatsPerRow = 100
const rows = 100
const hotRows = 4
const hotSeatsPerRow = 10
/** After this many requests most of the hot seats are sold. */
const hotRequestsMax = 80

export async function openBoxOffice(system: TestSystem): Promise<BoxOffice> {
  let wide: Promise<Concert> = newConcert(system, rows, seatsPerRow)
  let hot: Promise<Concert> = newConcert(system, hotRows, hotSeatsPerRow)
  let sold = 0
  let hotRequests = 0
  await Promise.all([wide, hot])
  return {
    async freshSeats(count) {
      // Seats side by side are in one row.
      if ((sold % seatsPerRow) + count > seatsPerRow) sold += 1
      if (sold + count > rows * seatsPerRow) {
        wide = retried(() => newConcert(system, rows, seatsPerRow))
        sold = 0
      }
      const first = sold
      sold += count
      const seats = Array.from({ length: count }, (_, index) => seatName(first + index, seatsPerRow))
      return { concertId: (await wide).concertId, seats }
    },
    async hotSeats(random) {
      hotRequests += 1
      if (hotRequests > hotRequestsMax) {
        hotRequests = 0
        hot = retried(() => newConcert(system, hotRows, hotSeatsPerRow))
      }
      const { concertId } = await hot
      const count = random.between(1, 3)
      const seats = new Set<string>()
      while (seats.size < count) {
        seats.add(seatName(random.between(0, hotRows * hotSeatsPerRow - 1), hotSeatsPerRow))
      }
      return { concertId, seats: [...seats] }
    },
  }
}

function seatName(nth: number, perRow: number): string {
  return `A-${Math.floor(nth / perRow) + 1}-${(nth % perRow) + 1}`
}

/** Retries: the service may be down, and its database for as long as a restore takes. */
async function retried<T>(call: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call()
    } catch (error) {
      if (attempt === attemptsMax) throw error
      await sleep(retryMs)
    }
  }
}

const attemptsMax = 200
const retryMs = 500

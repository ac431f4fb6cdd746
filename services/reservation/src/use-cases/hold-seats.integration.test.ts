import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { query } from '@boxoffice/common/postgres/query.ts'
import { expect } from 'chai'
import { holdFingerprint } from '../contract/fingerprints.ts'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'
import { acceptHolds, type HoldOutcome, type HoldSettings, type NewHold } from './hold-seats.ts'

/** Enough rounds for two groups with different lock orders to meet: without a common order the first rounds fail. */
const rounds = 30
const callsOfGroup = 30
const settings: HoldSettings = {
  holdDurationMs: 300_000,
  seatsPerUserMax: 20_000,
  openHoldsMax: 10_000,
  pauseMs: 0,
}

describe('Two groups of holds at once', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('never deadlock on the same seats in opposite orders, and one of the two gets each', async () => {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: callsOfGroup })
    const group = (name: string): NewHold[] =>
      Array.from({ length: callsOfGroup }, (_, nth) => holdOf(`${name}-${nth}`, concertId, `A-1-${nth + 1}`))
    // Each group stops at the seat in the middle. In opposite orders each would then hold seats that the other one
    // needs.
    const groups = await service.database.transaction(async (em) => {
      await query(em, 'SELECT FROM seat WHERE concert_id = $1 AND seat = $2 FOR UPDATE', [
        concertId,
        `A-1-${callsOfGroup / 2}`,
      ])
      const outcomes = bothAtOnce(group('ada'), group('bob').toReversed())
      outcomes.catch(() => {
        // The outcomes are awaited below.
      })
      await bothWait()
      return { outcomes }
    })
    const outcomes = await groups.outcomes
    expect(outcomes.filter((outcome) => outcome === 'ACCEPTED')).to.have.length(callsOfGroup)
    expect(outcomes.filter((outcome) => outcome === 'UNAVAILABLE')).to.have.length(callsOfGroup)
  })

  it('never deadlock on the holdings of the same users in opposite orders', async () => {
    const concertId = await service.createConcert({ rows: rounds, seatsPerRow: 2 * callsOfGroup })
    for (let round = 1; round <= rounds; round++) {
      const group = (firstSeat: number): NewHold[] =>
        Array.from({ length: callsOfGroup }, (_, nth) =>
          holdOf(`user-${nth}`, concertId, `A-${round}-${firstSeat + nth}`),
        )
      const outcomes = await bothAtOnce(group(1), group(callsOfGroup + 1).toReversed())
      expect(new Set(outcomes), `round ${round}`).to.deep.equal(new Set(['ACCEPTED']))
    }
  })

  async function bothWait(): Promise<void> {
    const deadline = Date.now() + 20_000
    for (;;) {
      const [waits] = await query<{ count: number }>(service.database.em(), countWaits, [])
      if (waits?.count === 2) return
      if (Date.now() > deadline) throw new Error(`${waits?.count} of two groups wait for a lock`)
      await sleep(10)
    }
  }

  async function bothAtOnce(...groups: readonly (readonly NewHold[])[]): Promise<HoldOutcome['outcome'][]> {
    const outcomes = await Promise.all(
      groups.map((group) => acceptHolds(service.serviceDatabase, group, settings)),
    )
    return outcomes.flat().map(({ outcome }) => outcome)
  }
})

const countWaits = `
  SELECT count(*)::int FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`

function holdOf(userId: string, concertId: string, seat: string): NewHold {
  const request = { requestId: randomUUID(), concertId, seats: [seat] }
  return {
    ...request,
    reservationId: randomUUID(),
    userId,
    fingerprint: holdFingerprint(request),
    traceparent: '',
  }
}

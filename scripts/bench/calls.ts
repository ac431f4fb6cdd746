import { randomUUID } from 'node:crypto'
import { createClient } from '@boxoffice/common/grpc/client.ts'
import { RemoteError } from '@boxoffice/common/status/errors.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { BenchError } from './bench-error.ts'
import { createConcert, price, seatName } from './concert.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import { type Credentials, signIn, usersFor } from './users.ts'

/** Calls of one kind with everything prepared, ready to be made. */
export interface PreparedCalls {
  /** Makes the call of this number, counted from 0. */
  make(index: number): Promise<void>
  /** Checks the joint result of the calls. @throws BenchError if it is wrong */
  check(): void
  close(): void
}

export const rushCallers = 200
const deadlineMs = 30_000

/** Prepares calls that each hold another seat of one concert. */
export async function prepareHolds(
  system: SystemUnderTest,
  count: number,
  signal: AbortSignal,
): Promise<PreparedCalls> {
  const { seats, concertId } = await openConcert(system, count)
  const users = await signIn(system, usersFor(count), [])
  return {
    async make(index) {
      const request = { requestId: randomUUID(), concertId, seats: [seatName(index)] }
      await seats.holdSeats(request, { metadata: userOf(users, index), signal, deadlineMs })
    },
    check: () => undefined,
    close: () => seats.close(),
  }
}

/** Prepares calls for the same seat: the first call holds it, and all others are refused. */
export async function prepareRush(system: SystemUnderTest, signal: AbortSignal): Promise<PreparedCalls> {
  const { seats, concertId } = await openConcert(system, 1)
  const users = await signIn(system, rushCallers, [])
  let held = 0
  return {
    async make(index) {
      const request = { requestId: randomUUID(), concertId, seats: [seatName(0)] }
      try {
        await seats.holdSeats(request, { metadata: userOf(users, index), signal, deadlineMs })
        held += 1
      } catch (error) {
        if (!(error instanceof RemoteError) || error.reason !== 'SEAT_UNAVAILABLE') throw error
      }
    },
    check() {
      if (held !== 1) throw new BenchError(`${held} callers hold the one seat.`)
    },
    close: () => seats.close(),
  }
}

/** Prepares calls that charge points. */
export async function prepareCharges(
  system: SystemUnderTest,
  count: number,
  signal: AbortSignal,
): Promise<PreparedCalls> {
  const points = createClient(PointService, system.addresses.services.point.grpc[0] ?? '')
  const users = await signIn(system, usersFor(count), ['cashier'])
  return {
    async make(index) {
      const request = { requestId: randomUUID(), amount: price }
      await points.chargePoints(request, { metadata: userOf(users, index), signal, deadlineMs })
    },
    check: () => undefined,
    close: () => points.close(),
  }
}

async function openConcert(system: SystemUnderTest, seatCount: number) {
  const seats = createClient(ReservationService, system.addresses.services.reservation.grpc[0] ?? '')
  const [admin] = await signIn(system, 1, ['admin'])
  return { seats, concertId: await createConcert(seats, admin as Credentials, seatCount) }
}

function userOf(users: readonly Credentials[], index: number): Credentials {
  return users[index % users.length] as Credentials
}

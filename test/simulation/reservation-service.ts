import { ConfirmSeatsCommandSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { toConfirmCommand } from '../../services/reservation/src/contract/confirm-command.ts'
import { memoryReservationStore } from '../../services/reservation/src/testing/memory-reservations.ts'
import {
  copyReservationTables,
  createHall,
  emptyReservationTables,
} from '../../services/reservation/src/testing/memory-tables.ts'
import { confirmSeatsIn } from '../../services/reservation/src/use-cases/confirm-seats.ts'
import {
  acceptHoldsIn,
  type HoldSettings,
  type NewHold,
} from '../../services/reservation/src/use-cases/hold-seats.ts'
import { releaseReservationIn } from '../../services/reservation/src/use-cases/release-reservation.ts'
import type { Guards } from './guards.ts'
import type { MessageLog } from './message-log.ts'
import { Service } from './service.ts'
import { unlessRefused } from './unless-refused.ts'

export const seatNames = ['A-1-1', 'A-1-2', 'A-1-3', 'A-1-4']
const concertId = 'concert'
/** Loose limits: here buyers are to conflict with each other, not with the policy. */
const settings: HoldSettings = {
  holdDurationMs: 80,
  seatsPerUserMax: seatNames.length,
  openHoldsMax: seatNames.length,
  pauseMs: 0,
}

/** The reservation service: its real use cases on tables in memory. */
export function createReservationService(
  log: MessageLog,
  guards: Pick<Guards, 'inbox' | 'confirmations'>,
  clock: () => Date,
) {
  const memory = memoryReservationStore(clock)
  const store: typeof memory = {
    ...memory,
    lockRegister: (tables, reservationIds, paymentIds) =>
      memory.lockRegister(tables, reservationIds, guards.confirmations ? paymentIds : []),
  }
  const [confirmSeats, acceptHolds, release] = [
    confirmSeatsIn(store),
    acceptHoldsIn(store),
    releaseReservationIn(store),
  ]
  const tables = emptyReservationTables()
  createHall(tables, { concertId, seats: seatNames, price: 100n })
  const service = new Service(
    {
      topics: ['reservation-commands'],
      schemas: [ConfirmSeatsCommandSchema],
      hasInbox: guards.inbox,
      tables,
      copyTables: copyReservationTables,
      handle: async (tx, messages) => (await confirmSeats(tx, messages.map(toConfirmCommand))).outbox,
    },
    log,
  )
  return Object.assign(service, {
    /** Holds seats, once for each request id. */
    async hold(userId: string, requestId: string, seats: readonly string[]): Promise<void> {
      const hold: NewHold = {
        reservationId: `${userId}-${requestId}`,
        userId,
        requestId,
        fingerprint: Buffer.from(seats.join()),
        concertId,
        seats,
        traceparent: '',
      }
      await acceptHolds(service, [hold], settings)
    },
    async release(nth: number): Promise<void> {
      const reservation = [...service.tables.reservations.values()].at(nth)
      if (reservation === undefined) return
      const { reservationId, userId } = reservation
      const fingerprint = Buffer.from(reservationId)
      const unwanted = { reservationId, userId, requestId: reservationId, fingerprint, traceparent: '' }
      await unlessRefused(release(service, unwanted))
    },
  })
}

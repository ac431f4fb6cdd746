import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import { seenAs } from '@boxoffice/common/grpc/request-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createGroupCommit, type GroupCommit, groupBounds } from '@boxoffice/common/postgres/group-commit.ts'
import { seatsHeldMessage } from '../contract/outgoing.ts'
import { holdInTurn, type WantedHold } from '../domain/hold-in-turn.ts'
import type { HoldPolicy } from '../domain/hold-policy.ts'
import type { RefusedHold } from '../domain/hold-seats.ts'
import type { Reservation } from '../domain/reservation.ts'
import { holdMethod } from '../storage/hold-method.ts'
import type { ReadHoldings } from '../storage/read-holdings.ts'
import { type ReservationStore, reservationStore } from '../storage/reservation-store.ts'
import type { WantedSeats } from '../storage/wanted-seats.ts'

/** The length of a hold, and the limits for one user. The concert may set its own limit of seats. */
export interface HoldSettings extends HoldPolicy {
  readonly holdDurationMs: number
}

/** A hold that a call asks for. */
export interface NewHold extends WantedSeats {
  readonly reservationId: string
  /** From holdFingerprint. */
  readonly fingerprint: Uint8Array
  /** W3C trace context of the call. */
  readonly traceparent: string
}

export type HoldOutcome =
  /** Held now, or earlier by the same request; `now` is the database's time. */
  | { readonly outcome: 'ACCEPTED'; readonly reservation: Reservation; readonly now: Date }
  | { readonly outcome: 'REQUEST_ID_REUSED' }
  | { readonly outcome: 'CONCERT_NOT_FOUND' }
  | RefusedHold

/**
 * Holds all of the seats that a call names, or none, once for each request id. Holds that come at the same time share
 * a transaction, and callers who want a taken seat share one query.
 */
export function createSeatHolder(
  database: Database,
  settings: HoldSettings,
): GroupCommit<NewHold, HoldOutcome> {
  return createGroupCommit({
    ...groupBounds,
    idOf: ({ reservationId }) => reservationId,
    commit: (calls) => acceptHolds(database, calls, settings),
  })
}

/**
 * Holds seats for several calls in one transaction. Each has the effect that it would have alone, after the calls
 * before it. A call whose seats are taken is refused without a transaction.
 *
 * @param wanted - no two with the same reservation id
 * @returns the outcomes in the order of the calls
 */
export const acceptHolds = acceptHoldsIn(reservationStore)

/** The same use case on any store. */
export function acceptHoldsIn<Tx>(store: ReservationStore<Tx>) {
  return async (
    database: Transactions<Tx>,
    wanted: readonly NewHold[],
    settings: HoldSettings,
  ): Promise<HoldOutcome[]> => {
    const taken = await store.findTakenSeats(database.em(), wanted)
    const open = wanted.filter((_, nth) => taken[nth]?.length === 0)
    const decided =
      open.length === 0 ? [] : await database.transaction((tx) => holdTogether(store, tx, open, settings))
    const outcomes = new Map(open.map((call, nth) => [call, decided[nth]]))
    return wanted.map(
      (call, nth) => outcomes.get(call) ?? { outcome: 'UNAVAILABLE', seats: taken[nth] ?? [] },
    )
  }
}

/** Holds seats for several calls. Transactions with the same user wait at the locks, so the later sees the earlier. */
async function holdTogether<Tx>(
  store: ReservationStore<Tx>,
  tx: Tx,
  calls: readonly NewHold[],
  { holdDurationMs: durationMs, openHoldsMax, pauseMs }: HoldSettings,
): Promise<HoldOutcome[]> {
  const seats = await store.lockSeats(tx, calls)
  const { now, found } = await store.readHoldings(tx, calls, pauseMs)
  const outcomes = new Map<NewHold, HoldOutcome>()
  const repeated: NewHold[] = []
  const wanted: (WantedHold & { readonly call: NewHold })[] = []
  calls.forEach((call, nth) => {
    const { fingerprint, seatsPerUserMax, holdings } = found[nth] as ReadHoldings
    const seen = seenAs(fingerprint, call.fingerprint)
    if (seen === 'repeated') repeated.push(call)
    else if (seen === 'reused') outcomes.set(call, { outcome: 'REQUEST_ID_REUSED' })
    else if (seatsPerUserMax === undefined) outcomes.set(call, { outcome: 'CONCERT_NOT_FOUND' })
    else {
      const policy = { seatsPerUserMax, openHoldsMax, pauseMs }
      wanted.push({ call, request: { ...call, durationMs, policy }, holdings })
    }
  })
  const held: (readonly [NewHold, Reservation])[] = []
  holdInTurn(wanted, seats, now).forEach((hold, nth) => {
    const { call } = wanted[nth] as (typeof wanted)[number]
    if (hold.outcome === 'HELD') held.push([call, hold.reservation])
    else outcomes.set(call, hold)
  })
  for (const [call, reservation] of [...held, ...(await findHeld(store, tx, repeated))])
    outcomes.set(call, { outcome: 'ACCEPTED', reservation, now })
  await save(store, tx, held)
  return calls.map((call) => outcomes.get(call) as HoldOutcome)
}

async function findHeld<Tx>(
  store: ReservationStore<Tx>,
  tx: Tx,
  calls: readonly NewHold[],
): Promise<(readonly [NewHold, Reservation])[]> {
  const found = await store.findReservations(
    tx,
    calls.map(({ reservationId }) => reservationId),
  )
  return calls.map((call) => {
    const reservation = found.get(call.reservationId)
    if (reservation === undefined) throw new Error(`reservation ${call.reservationId} was held and is gone`)
    return [call, reservation]
  })
}

async function save<Tx>(
  store: ReservationStore<Tx>,
  tx: Tx,
  held: readonly (readonly [NewHold, Reservation])[],
): Promise<void> {
  if (held.length === 0) return
  await store.insertHolds(
    tx,
    held.map(([, reservation]) => reservation),
  )
  await store.rememberRequests(
    tx,
    held.map(([call]) => ({
      subject: call.userId,
      method: holdMethod,
      requestId: call.requestId,
      fingerprint: call.fingerprint,
      resourceId: call.reservationId,
    })),
  )
  await store.append(
    tx,
    held.map(([{ requestId, traceparent }, reservation]) =>
      seatsHeldMessage(reservation, { requestId, traceparent }),
    ),
  )
}

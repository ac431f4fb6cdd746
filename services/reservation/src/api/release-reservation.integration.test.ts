import { randomUUID } from 'node:crypto'
import { query } from '@boxoffice/common/postgres/query.ts'
import { Code } from '@boxoffice/common/status/errors.ts'
import { refusalOf } from '@boxoffice/common/testing/refusal.ts'
import { ReservationStatus } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { expect } from 'chai'
import { type RunningReservation, startReservation } from '../testing/start-reservation.ts'

describe('ReleaseReservation and GetReservation', () => {
  let service: RunningReservation
  before(async () => {
    service = await startReservation()
  })
  after(() => service.stop())

  it('gives the seats back at once and publishes the release', async () => {
    const { concertId, reservationId } = await hold()
    const { reservation } = await service
      .as('alice')
      .releaseReservation({ requestId: randomUUID(), reservationId })
    expect(reservation).to.include({ status: ReservationStatus.RELEASED, version: 2 })
    await service.as('bob').holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    const events = await query(
      service.database.em(),
      `SELECT type FROM outbox WHERE convert_from(key, 'UTF8') = $1 ORDER BY id`,
      [reservationId],
    )
    expect(events.map(({ type }) => type)).to.deep.equal([
      'boxoffice.reservation.v1.SeatsHeldEvent',
      'boxoffice.reservation.v1.SeatsReleasedEvent',
    ])
  })

  it('changes nothing the second time, with the same request id or another', async () => {
    const { reservationId } = await hold()
    const request = { requestId: randomUUID(), reservationId }
    const alice = service.as('alice')
    const answers = [
      await alice.releaseReservation(request),
      await alice.releaseReservation(request),
      await alice.releaseReservation({ ...request, requestId: randomUUID() }),
      await alice.getReservation({ reservationId }),
    ]
    for (const { reservation } of answers) {
      expect(reservation).to.include({ status: ReservationStatus.RELEASED, version: 2 })
    }
  })

  it('refuses a request id that was used for another reservation', async () => {
    const [first, second] = [await hold(), await hold()]
    const alice = service.as('alice')
    const requestId = randomUUID()
    await alice.releaseReservation({ requestId, reservationId: first.reservationId })
    const refusal = await refusalOf(
      alice.releaseReservation({ requestId, reservationId: second.reservationId }),
    )
    expect(refusal).to.include({ code: Code.ALREADY_EXISTS, reason: 'REQUEST_ID_REUSED' })
  })

  it('answers the same for a foreign reservation as for one that does not exist', async () => {
    const { reservationId } = await hold()
    const bob = service.as('bob')
    for (const id of [reservationId, randomUUID()]) {
      const calls = [
        bob.getReservation({ reservationId: id }),
        bob.releaseReservation({ requestId: randomUUID(), reservationId: id }),
      ]
      for (const call of calls) {
        const refusal = await refusalOf(call)
        expect(refusal).to.include({ code: Code.NOT_FOUND, reason: 'RESERVATION_NOT_FOUND' })
      }
    }
    const { reservation } = await service.as('alice').getReservation({ reservationId })
    expect(reservation).to.include({ status: ReservationStatus.HELD, version: 1 })
  })

  it('refuses malformed ids', async () => {
    const alice = service.as('alice')
    const calls = [
      alice.getReservation({ reservationId: 'x' }),
      alice.getReservation({}),
      alice.releaseReservation({ requestId: randomUUID(), reservationId: 'x' }),
      alice.releaseReservation({ requestId: '', reservationId: randomUUID() }),
    ]
    for (const call of calls) {
      expect(await refusalOf(call)).to.include({ code: Code.INVALID_ARGUMENT, reason: 'FIELD_VIOLATION' })
    }
  })

  async function hold(): Promise<{ concertId: string; reservationId: string }> {
    const concertId = await service.createConcert({ rows: 1, seatsPerRow: 1 })
    const { reservation } = await service
      .as('alice')
      .holdSeats({ requestId: randomUUID(), concertId, seats: ['A-1-1'] })
    return { concertId, reservationId: reservation?.reservationId ?? '' }
  }
})

import { randomUUID } from 'node:crypto'
import { SectionSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { concertFingerprint, holdFingerprint, releaseFingerprint } from './fingerprints.ts'

const requestId = randomUUID()
const concertId = randomUUID()
const reservationId = randomUUID()

describe('the fingerprint of a request', () => {
  it('is the same for a hold in its request and in its event, which has the seats in the order of the map', () => {
    const asked = holdFingerprint({ requestId, concertId, seats: ['A-2-1', 'A-1-1'] })
    const published = holdFingerprint({ requestId, concertId, seats: ['A-1-1', 'A-2-1'] })
    expect(asked).to.deep.equal(published)
    const other = holdFingerprint({ requestId, concertId, seats: ['A-1-1', 'A-2-2'] })
    expect(asked).not.to.deep.equal(other)
  })

  it('is the same only for a release of the same reservation', () => {
    const asked = releaseFingerprint({ requestId, reservationId })
    expect(asked).to.deep.equal(releaseFingerprint({ requestId, reservationId }))
    expect(asked).not.to.deep.equal(releaseFingerprint({ requestId, reservationId: randomUUID() }))
  })

  it('is the same for a concert whose start was cut to milliseconds, and differs for another price or limit', () => {
    const concert = (nanos: number, price: bigint, seatsPerUserMax = 0) => ({
      requestId,
      title: 'A concert',
      startTime: { $typeName: 'google.protobuf.Timestamp' as const, seconds: 4_000_000_000n, nanos },
      sections: [create(SectionSchema, { name: 'A', rows: 1, seatsPerRow: 2, price })],
      seatsPerUserMax,
    })
    const asked = concertFingerprint(concert(1_234_567, 100n))
    expect(asked).to.deep.equal(concertFingerprint(concert(1_000_000, 100n)))
    expect(asked).not.to.deep.equal(concertFingerprint(concert(1_000_000, 101n)))
    expect(asked).not.to.deep.equal(concertFingerprint(concert(1_000_000, 100n, 2)))
  })
})

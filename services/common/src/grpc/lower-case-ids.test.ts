import { RedriveDeadLettersRequestSchema } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'
import { HoldSeatsRequestSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create } from '@bufbuild/protobuf'
import { expect } from 'chai'
import { lowerCaseIds } from './lower-case-ids.ts'

const id = '6fa459ea-ee8a-4ca4-894e-db77e160355e'
const capitals = id.toUpperCase()

describe('the ids of a request', () => {
  it('are written in lower case, and no other text is', () => {
    const request = create(HoldSeatsRequestSchema, {
      requestId: capitals,
      concertId: capitals,
      seats: ['A-1-1'],
    })
    lowerCaseIds(HoldSeatsRequestSchema, request)
    expect(request).to.deep.include({ requestId: id, concertId: id, seats: ['A-1-1'] })
  })

  it('are written in lower case also inside a oneof', () => {
    const request = create(RedriveDeadLettersRequestSchema, {
      requestId: capitals,
      selection: { case: 'deadLetterId', value: capitals },
    })
    lowerCaseIds(RedriveDeadLettersRequestSchema, request)
    expect(request.selection).to.deep.equal({ case: 'deadLetterId', value: id })
    const key = { consumer: 'Wallet', topic: 'T', key: new Uint8Array() }
    const other = create(RedriveDeadLettersRequestSchema, { selection: { case: 'key', value: key } })
    lowerCaseIds(RedriveDeadLettersRequestSchema, other)
    expect(other.selection.value).to.include({ consumer: 'Wallet', topic: 'T' })
  })
})

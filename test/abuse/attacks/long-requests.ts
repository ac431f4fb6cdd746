import { randomUUID } from 'node:crypto'
import { HoldSeatsRequestSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import { create, toBinary } from '@bufbuild/protobuf'
import type { Attack } from '../attack.ts'
import { inParallel, openConnection, tokenFor } from '../callers.ts'

const method = 'boxoffice.reservation.v1.ReservationService/HoldSeats'

/** Requests with as many invalid seat names as fit: each name is a violation that the answer reports. */
const sizes: readonly { readonly names: number; readonly name: string }[] = [
  { names: 125_000, name: '' },
  { names: 60_000, name: '?' },
  { names: 1_000, name: 'no seat' },
  { names: 30, name: '\u{1f3ab}'.repeat(500) },
]

/** A buyer whose requests are as large as allowed, and invalid in every part. */
export const longRequests: Attack = {
  name: 'long-requests',
  tries: 'HoldSeats with up to 125,000 invalid names',
  async run(target, tally, over) {
    const token = await tokenFor(target)
    const connection = openConnection(target, 'reservation')
    const requests = sizes.map(({ names, name }) =>
      toBinary(
        HoldSeatsRequestSchema,
        create(HoldSeatsRequestSchema, {
          requestId: randomUUID(),
          concertId: randomUUID(),
          seats: Array<string>(names).fill(name),
        }),
      ),
    )
    let next = 0
    await inParallel(4, over, () => {
      const bytes = requests[next++ % requests.length] ?? Buffer.alloc(0)
      return tally.count(() => connection.call(method, bytes, token))
    })
    connection.close()
  },
}

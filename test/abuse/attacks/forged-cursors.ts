import { randomBytes } from 'node:crypto'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { PointService } from '@boxoffice/proto/boxoffice/point/v1/point_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Attack, Target } from '../attack.ts'
import { clientOf, inParallel, tokenFor } from '../callers.ts'
import { answerOf, type Tally } from '../tally.ts'

/** Contents of page tokens that this system never issued, in formats that its own tokens have had. */
const cursors: readonly string[] = [
  '',
  '\0',
  'x',
  '-1',
  '99999999999999999999',
  'null',
  '{}',
  '["2026-01-01T00:00:00Z","x"]',
  '9999-12-31T23:59:60Z',
  '2026-01-01T00:00:00.000Z 00000000-0000-0000-0000-000000000000',
  "' OR 1=1 --",
]

const queries: readonly string[] = [
  'payments?from=9999-12-31T23:59:60Z',
  'payments?before=9999-12-31T23:59:60Z',
  'payments?cursor=%00',
  'payments?cursor=AAAA',
  'payments?status=__proto__',
  'trail?after=-1',
  'trail?after=999999999999999999999',
  'trail?topic=%ff',
  'dead-letters?page=%00',
  'wallet?user=%00',
]

/** A buyer who invents page tokens, and a viewer who invents dates and positions. */
export const forgedCursors: Attack = {
  name: 'forged-cursors',
  tries: 'forged page tokens, dates and positions',
  async run(target, tally, over) {
    const token = await tokenFor(target)
    const payments = clientOf(target, CheckoutService, 'payment', token)
    const points = clientOf(target, PointService, 'point', token)
    const concerts = clientOf(target, ReservationService, 'reservation', token)
    let next = 0
    await inParallel(3, over, async () => {
      const cursor = cursors[next++ % cursors.length] ?? ''
      const pageToken = Buffer.concat([randomBytes(16), Buffer.from(cursor)]).toString('base64url')
      const lists = [
        () => payments.listPayments({ pageToken }),
        () => points.listPointTransactions({ pageToken }),
        () => concerts.listConcerts({ pageToken }),
      ]
      for (const list of lists)
        if ((await tally.count<unknown>(list)) !== undefined)
          tally.gotThrough('a forged page token was accepted')
      await askConsole(target, queries[next % queries.length] ?? '', tally)
    })
    for (const client of [payments, points, concerts]) client.close()
  },
}

async function askConsole(target: Target, query: string, tally: Tally): Promise<void> {
  if (target.page === undefined) return
  const authorization = `Bearer ${await tokenFor(target, 'abuser-viewer', ['viewer', 'operator'])}`
  try {
    const response = await fetch(new URL(`/api/${query}`, target.page), { headers: { authorization } })
    await response.text()
    tally.answer(String(response.status))
  } catch (error) {
    tally.answer(answerOf(error))
  }
}

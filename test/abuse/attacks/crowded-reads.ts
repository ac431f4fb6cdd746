import { setTimeout as sleep } from 'node:timers/promises'
import { CheckoutService } from '@boxoffice/proto/boxoffice/payment/v1/checkout_service_pb.ts'
import { ReservationService } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_service_pb.ts'
import type { Attack } from '../attack.ts'
import { inParallel, openConnection, tokenFor } from '../callers.ts'

const connections = 12
const callsEach = 900
const restMs = 500

/** A buyer who requests lists over many connections, each with as many calls in flight as the server accepts. */
export const crowdedReads: Attack = {
  name: 'crowded-reads',
  tries: `${connections} × ${callsEach} ListPayments and ListConcerts in flight`,
  async run(target, tally, over) {
    const token = await tokenFor(target)
    const opened = Array.from({ length: connections }, (_, nth) =>
      nth % 2 === 0
        ? { ...openConnection(target, 'payment'), method: `${CheckoutService.typeName}/ListPayments` }
        : { ...openConnection(target, 'reservation'), method: `${ReservationService.typeName}/ListConcerts` },
    )
    await inParallel(connections * callsEach, over, async (worker) => {
      const connection = opened[worker % connections]
      const answer =
        connection && (await tally.count(() => connection.call(connection.method, Buffer.alloc(0), token)))
      // The attack is the number of calls in flight: refused calls are not repeated in a tight loop.
      if (answer === undefined) await sleep(restMs)
    })
    for (const connection of opened) connection.close()
  },
}

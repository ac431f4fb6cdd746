import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { SeatsHeldEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { paymentOf } from './load/watch.ts'

/** An outbox row that was lost with its database before any relay published it: it cannot be recovered. */
export interface LostRow {
  readonly id: bigint
  readonly topic: string
  readonly type: string
  readonly payload: Buffer
}

/**
 * What was lost with lost rows: its name, and the time until which a client may have been answered with it. A later
 * answer speaks of something that was done again, and has to be true.
 */
export type Lost = ReadonlyMap<string, number>

export const chargeName = (transactionId: unknown): string => `charge ${transactionId}`
export const holdName = (reservationId: unknown): string => `hold ${reservationId}`
export const stepName = (paymentId: string, sequence: number): string => `payment ${paymentId} ${sequence}`

/** Collects what the databases lose, as it happens. */
export class LostRows {
  readonly #untilOf = new Map<string, number>()

  /** Called once the database is back and answers come from it again. */
  add(rows: readonly LostRow[]): void {
    const now = performance.now()
    for (const name of rows.map(nameOfLost)) if (name !== undefined) this.#untilOf.set(name, now)
  }

  /** @param startedAt - the `performance.now()` from which the times of the history count */
  since(startedAt: number): Lost {
    return new Map([...this.#untilOf].map(([name, at]) => [name, at - startedAt]))
  }
}

/** Whether something was answered at `answeredMs`, before the database that held it came back without it. */
export function isLost(lost: Lost, name: string, answeredMs: number | undefined): boolean {
  const untilMs = lost.get(name)
  return untilMs !== undefined && answeredMs !== undefined && answeredMs <= untilMs
}

/** The name of what a row says and a client may have been answered; undefined if no client can have been. */
function nameOfLost({ topic, type, payload }: LostRow): string | undefined {
  if (topic === 'payment-events') {
    const { paymentId, sequence } = paymentOf(payload)
    return stepName(paymentId, sequence)
  }
  if (type === PointsChargedEventSchema.typeName)
    return chargeName(fromBinary(PointsChargedEventSchema, payload).transactionId)
  if (type === SeatsHeldEventSchema.typeName)
    return holdName(fromBinary(SeatsHeldEventSchema, payload).reservation?.reservationId)
  return undefined
}

import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { SeatsHeldEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { fromBinary } from '@bufbuild/protobuf'
import { paymentOf } from './load/watch.ts'

/** A row of an outbox that is gone with its database, and that no relay had published: nobody can bring it back. */
export interface LostRow {
  readonly id: bigint
  readonly topic: string
  readonly type: string
  readonly payload: Buffer
}

/**
 * What is gone with lost rows, by its name, and until when somebody may have been told of it. Who hears of it later
 * hears of something that was done anew, and has to be right.
 */
export type Lost = ReadonlyMap<string, number>

export const chargeName = (transactionId: unknown): string => `charge ${transactionId}`
export const holdName = (reservationId: unknown): string => `hold ${reservationId}`
export const stepName = (paymentId: string, sequence: number): string => `payment ${paymentId} ${sequence}`

/** Collects what databases have lost, as it happens. */
export class LostRows {
  readonly #untilOf = new Map<string, number>()

  /** Called once the database is back and what is told comes from there again. */
  add(rows: readonly LostRow[]): void {
    const now = performance.now()
    for (const name of rows.map(nameOfLost)) if (name !== undefined) this.#untilOf.set(name, now)
  }

  /** @param startedAt - `performance.now()` when the history began, from which its times count */
  since(startedAt: number): Lost {
    return new Map([...this.#untilOf].map(([name, at]) => [name, at - startedAt]))
  }
}

/** Whether something was told before the database that had it came back without it. */
export function isLost(lost: Lost, name: string, toldMs: number | undefined): boolean {
  const untilMs = lost.get(name)
  return untilMs !== undefined && toldMs !== undefined && toldMs <= untilMs
}

/** The name of what a row told of and a client can have been answered; undefined where that is nothing. */
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

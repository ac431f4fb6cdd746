import path from 'node:path'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { type Verdict, verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import { sourcesOf } from '../support/books.ts'
import { readLogDefects } from '../support/log-defects.ts'
import { sql } from '../support/sql.ts'
import { earlyReads } from './accept-topic.ts'
import { clearDeadLetters } from './clear-dead-letters.ts'
import type { CommittedRow } from './committed-rows.ts'
import { dumpTopics } from './dump-topics.ts'
import type { DumpedRecord } from './dumped-record.ts'
import type { History, Operation } from './history.ts'
import type { Lost } from './lost.ts'
import type { World } from './world.ts'

/** Everything that the checkers judge: what clients saw, what the databases hold, and what is stored in Kafka. */
export interface Evidence {
  readonly operations: readonly Operation[]
  /** The result of the checks of `npx boxoffice verify`, after everything was healed. */
  readonly verdict: Verdict
  readonly committed: readonly CommittedRow[]
  /** What the databases lost for good, because it was never published. Empty unless the fault `failover` happened. */
  readonly lost: Lost
  /** What attacks achieved although they must not, each in a sentence. */
  readonly gotThrough: readonly string[]
  /** In the order of offsets for each partition. The records of deleted topics come first. */
  readonly records: readonly DumpedRecord[]
  readonly transitions: readonly TransitionRow[]
  readonly payments: ReadonlyMap<string, PaymentRow>
  readonly charges: ReadonlyMap<string, ChargeRow>
  readonly reservations: ReadonlySet<string>
  readonly inboxes: Readonly<Record<ServiceName, ReadonlySet<string>>>
  readonly deadLetters: readonly DeadLetterRow[]
  /** Answers that the processes logged as a defect. */
  readonly defects: readonly string[]
}

export interface TransitionRow {
  readonly payment_id: string
  readonly sequence: number
  readonly status: string
  readonly refund: string
}

export interface PaymentRow {
  readonly payment_id: string
  readonly reservation_id: string
  readonly amount: string
  readonly status: string
}

export interface ChargeRow {
  readonly transaction_id: string
  readonly user_id: string
  readonly amount: string
}

export interface DeadLetterRow {
  readonly consumer: string
  readonly message_id: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly topic_id: string | null
  readonly reason: string
  readonly error: string
}

/** The time in which the system must come to rest after the last fault was healed: invariant 3. */
export const restMsMax = 60_000

/** Waits until the system is at rest, for a minute at most, clears the dead letters, and reads everything. */
export async function gatherEvidence(world: World, history: History): Promise<Evidence> {
  const { system } = world
  const deadline = Date.now() + restMsMax
  await verifyWhenAtRest(sourcesOf(system), { waitMs: restMsMax })
  await clearDeadLetters(world)
  const verdict = await verifyWhenAtRest(sourcesOf(system), { waitMs: Math.max(0, deadline - Date.now()) })
  await world.committed.readToEnd()
  const records = [...world.deleted, ...(await dumpTopics(world))]
  const inbox = async (service: ServiceName) =>
    new Set(
      (await sql<{ message_id: string }>(system, service, 'SELECT message_id FROM inbox')).map(
        (row) => row.message_id,
      ),
    )
  return {
    operations: history.operations,
    verdict,
    committed: world.committed.all,
    lost: world.lost.since(history.startedAt),
    gotThrough: [...world.gotThrough, ...earlyReads(world, records)],
    records,
    transitions: await sql(
      system,
      'payment',
      'SELECT payment_id, sequence, status, refund FROM payment_transition ORDER BY payment_id, sequence',
    ),
    payments: byId(
      'payment_id',
      await sql<PaymentRow>(
        system,
        'payment',
        'SELECT payment_id, reservation_id, amount::text, status FROM payment',
      ),
    ),
    charges: byId(
      'transaction_id',
      await sql<ChargeRow>(
        system,
        'point',
        `SELECT transaction_id, user_id, amount::text FROM ledger_entry WHERE kind = 'CHARGE'`,
      ),
    ),
    reservations: new Set(
      (
        await sql<{ reservation_id: string }>(system, 'reservation', 'SELECT reservation_id FROM reservation')
      ).map((row) => row.reservation_id),
    ),
    inboxes: {
      payment: await inbox('payment'),
      point: await inbox('point'),
      reservation: await inbox('reservation'),
    },
    deadLetters: (
      await Promise.all(
        serviceNames.map((service) => sql<DeadLetterRow>(system, service, 'SELECT * FROM dead_letter')),
      )
    ).flat(),
    defects: await readLogDefects(path.join(system.dir, 'logs'))(),
  }
}

function byId<Key extends string, Row extends Readonly<Record<Key, string>>>(
  key: Key,
  rows: readonly Row[],
): Map<string, Row> {
  return new Map(rows.map((row) => [row[key], row]))
}

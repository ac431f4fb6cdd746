import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/**
 * 10. If one message of a key was written after another of the same key was committed, the first delivery of the
 * earlier one comes before that of the later one. Two messages may depend on each other if their ids and their commits
 * have the same order.
 */
export const orderPerKey: Checker = {
  id: 'order-per-key',
  invariant: 'Causally ordered messages of one key are delivered in that order the first time',
  counterexamples({ committed, records }) {
    const first = new Map<string, Delivery>()
    for (const [nth, record] of records.entries())
      if (!first.has(record.messageId)) first.set(record.messageId, { nth, record })
    const violations: string[] = []
    for (const rows of byKey(committed).values()) {
      const delivered = rows.flatMap((row) => {
        const delivery = first.get(row.messageId)
        return delivery === undefined ? [] : [{ row, ...delivery }]
      })
      violations.push(...inversions(delivered))
    }
    return violations
  },
}

interface Delivery {
  /**
   * The place among all records: those of a partition are in order, those of a deleted topic before those of its
   * successor.
   */
  readonly nth: number
  readonly record: DumpedRecord
}

interface Delivered extends Delivery {
  readonly row: CommittedRow
}

function inversions(delivered: readonly Delivered[]): string[] {
  const violations: string[] = []
  for (const [index, later] of delivered.entries()) {
    const overtaken = delivered.find(
      (earlier, place) => place < index && earlier.row.id < later.row.id && earlier.nth > later.nth,
    )
    if (overtaken === undefined) continue
    violations.push(
      `${later.row.topic}, key ${Buffer.from(later.row.key ?? '', 'hex')}: outbox row ${later.row.id} of ` +
        `${later.row.service} (${later.row.type}) is at ${placeOf(later.record)}, before row ${overtaken.row.id} ` +
        `(${overtaken.row.type}) at ${placeOf(overtaken.record)}`,
    )
  }
  return violations
}

/** The rows of each topic and key in the order of commits, each message once. */
function byKey(committed: readonly CommittedRow[]): Map<string, CommittedRow[]> {
  const keys = new Map<string, CommittedRow[]>()
  const known = new Set<string>()
  for (const row of committed) {
    if (row.key === null || known.has(row.messageId)) continue
    known.add(row.messageId)
    const name = `${row.topic} ${row.key}`
    const rows = keys.get(name) ?? []
    keys.set(name, rows)
    rows.push(row)
  }
  return keys
}

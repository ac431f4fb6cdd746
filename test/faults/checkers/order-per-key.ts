import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/**
 * 10. Of two messages with a key of which one was written after the other was committed, the earlier comes first for the
 * first time. That the order of ids and the order of commits agree says that they may depend on each other.
 */
export const orderPerKey: Checker = {
  id: 'order-per-key',
  invariant: 'Causally ordered messages of a key are first delivered in that order',
  counterexamples({ committed, records }) {
    const first = new Map<string, Delivery>()
    for (const [nth, record] of records.entries())
      if (!first.has(record.messageId)) first.set(record.messageId, { nth, record })
    const faults: string[] = []
    for (const rows of byKey(committed).values()) {
      const delivered = rows.flatMap((row) => {
        const delivery = first.get(row.messageId)
        return delivery === undefined ? [] : [{ row, ...delivery }]
      })
      faults.push(...inversions(delivered))
    }
    return faults
  },
}

interface Delivery {
  /** Its place among all records: those of a partition are in their order, a deleted topic's before its successor's. */
  readonly nth: number
  readonly record: DumpedRecord
}

interface Delivered extends Delivery {
  readonly row: CommittedRow
}

function inversions(delivered: readonly Delivered[]): string[] {
  const faults: string[] = []
  for (const [index, later] of delivered.entries()) {
    const overtaken = delivered.find(
      (earlier, place) => place < index && earlier.row.id < later.row.id && earlier.nth > later.nth,
    )
    if (overtaken === undefined) continue
    faults.push(
      `${later.row.topic}, key ${Buffer.from(later.row.key ?? '', 'hex')}: outbox row ${later.row.id} of ` +
        `${later.row.service} (${later.row.type}) is at ${placeOf(later.record)}, before row ${overtaken.row.id} ` +
        `(${overtaken.row.type}) at ${placeOf(overtaken.record)}`,
    )
  }
  return faults
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

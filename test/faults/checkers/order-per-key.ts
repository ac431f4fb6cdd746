import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dump-topics.ts'
import type { Checker } from './checker.ts'

/**
 * 10. Of two messages with a key of which one was written after the other was committed, the earlier comes first for the
 * first time. That the order of ids and the order of commits agree says that they may depend on each other.
 */
export const orderPerKey: Checker = {
  id: 'order-per-key',
  invariant: 'Causally ordered messages of a key are first delivered in that order',
  counterexamples({ committed, records }) {
    const first = new Map<string, DumpedRecord>()
    for (const record of records) {
      const known = first.get(record.messageId)
      if (known === undefined || record.offset < known.offset) first.set(record.messageId, record)
    }
    const faults: string[] = []
    for (const rows of byKey(committed).values()) {
      const delivered = rows.flatMap((row) => {
        const record = first.get(row.messageId)
        return record === undefined ? [] : [{ row, offset: record.offset }]
      })
      faults.push(...inversions(delivered))
    }
    return faults
  },
}

interface Delivered {
  readonly row: CommittedRow
  readonly offset: bigint
}

function inversions(delivered: readonly Delivered[]): string[] {
  const faults: string[] = []
  for (const [index, later] of delivered.entries()) {
    const overtaken = delivered.find(
      (earlier, place) => place < index && earlier.row.id < later.row.id && earlier.offset > later.offset,
    )
    if (overtaken === undefined) continue
    faults.push(
      `${later.row.topic}, key ${Buffer.from(later.row.key ?? '', 'hex')}: outbox row ${later.row.id} of ` +
        `${later.row.service} (${later.row.type}) is at offset ${later.offset}, before row ${overtaken.row.id} ` +
        `(${overtaken.row.type}) at ${overtaken.offset}`,
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

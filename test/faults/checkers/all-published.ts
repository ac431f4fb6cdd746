import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import type { Checker } from './checker.ts'

/** 8. Kafka holds what was committed, byte for byte, and nothing else. */
export const allPublished: Checker = {
  id: 'committed-is-published',
  invariant: 'Each committed outbox row is in Kafka, and nothing that was not committed',
  counterexamples({ committed, records }) {
    const rows = Map.groupBy(firstInEachLife(committed), identityOf)
    const published = new Set<string>()
    const faults: string[] = []
    for (const record of records) {
      if (record.poison) continue
      published.add(identityOf(record))
      const own = rows.get(identityOf(record))
      if (own === undefined) faults.push(`${placeOf(record)}: ${describe(record)} was never committed`)
      else if (!own.some((row) => isSame(row, record)))
        faults.push(`${placeOf(record)}: ${describe(record)} is not as it was committed`)
    }
    for (const [identity, [row]] of rows) {
      if (published.has(identity) || row === undefined) continue
      faults.push(`outbox row ${row.id} of ${row.service}: ${describe(row)} is not in ${row.topic}`)
    }
    return faults
  },
}

/** What is handled twice is committed twice. Only a database that was restored may do so, in its own words. */
function firstInEachLife(committed: readonly CommittedRow[]): CommittedRow[] {
  const first = new Map<string, CommittedRow>()
  for (const row of committed) {
    const name = `${row.life} ${identityOf(row)}`
    if (!first.has(name)) first.set(name, row)
  }
  return [...first.values()]
}

/** A dead letter carries the headers of the message that it was, its id among them. */
function identityOf({ topic, messageId, digest }: Identifiable): string {
  return topic.endsWith('-dlt') ? `${topic} ${digest}` : messageId
}

type Identifiable = Pick<CommittedRow, 'topic' | 'messageId' | 'digest'>

function isSame(row: CommittedRow, record: DumpedRecord): boolean {
  return (
    row.topic === record.topic &&
    row.key === record.key &&
    row.digest === record.digest &&
    // A dead letter keeps its headers as they were, also without a type.
    (row.type === record.type || row.topic.endsWith('-dlt'))
  )
}

/** Where a record stands: in topics of one name, places are different ones. */
export function placeOf(
  at: Pick<DumpedRecord, 'topic' | 'partition' | 'topicId'> & { readonly offset: bigint | string },
): string {
  const { topic, partition, offset, topicId } = at
  return `${topic}/${partition}/${offset} (${topicId})`
}

function describe({ type, messageId }: { readonly type: string; readonly messageId: string }): string {
  return `${type || 'a record without a type'} ${messageId}`
}

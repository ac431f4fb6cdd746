import type { CommittedRow } from '../committed-rows.ts'
import type { DumpedRecord } from '../dumped-record.ts'
import type { Checker } from './checker.ts'

/** 8. Kafka holds the committed outbox rows, byte for byte, and nothing else. */
export const allPublished: Checker = {
  id: 'committed-is-published',
  invariant: 'Kafka holds every committed outbox row, and no record that was not committed',
  counterexamples({ committed, records }) {
    const rows = Map.groupBy(firstInEachLife(committed), identityOf)
    const published = new Set<string>()
    const violations: string[] = []
    for (const record of records) {
      if (record.poison) continue
      published.add(identityOf(record))
      const own = rows.get(identityOf(record))
      if (own === undefined) violations.push(`${placeOf(record)}: ${describe(record)} was never committed`)
      else if (!own.some((row) => isSame(row, record)))
        violations.push(`${placeOf(record)}: ${describe(record)} is not as it was committed`)
    }
    for (const [identity, [row]] of rows) {
      if (published.has(identity) || row === undefined) continue
      violations.push(`outbox row ${row.id} of ${row.service}: ${describe(row)} is not in ${row.topic}`)
    }
    return violations
  },
}

/**
 * The first row of each message in each life of a database. A message that was handled twice is committed twice: only
 * a restored database may do that, and its contents may differ.
 */
function firstInEachLife(committed: readonly CommittedRow[]): CommittedRow[] {
  const first = new Map<string, CommittedRow>()
  for (const row of committed) {
    const name = `${row.life} ${identityOf(row)}`
    if (!first.has(name)) first.set(name, row)
  }
  return [...first.values()]
}

/** What identifies a message. A dead letter has the headers of its original message, its id among them. */
function identityOf({ topic, messageId, digest }: Identifiable): string {
  return topic.endsWith('-dlt') ? `${topic} ${digest}` : messageId
}

type Identifiable = Pick<CommittedRow, 'topic' | 'messageId' | 'digest'>

function isSame(row: CommittedRow, record: DumpedRecord): boolean {
  return (
    row.topic === record.topic &&
    row.key === record.key &&
    row.digest === record.digest &&
    // A dead letter keeps its original headers, even if they lack a type.
    (row.type === record.type || row.topic.endsWith('-dlt'))
  )
}

/** The place of a record, as text. Equal offsets in two topics of the same name are different places. */
export function placeOf(
  at: Pick<DumpedRecord, 'topic' | 'partition' | 'topicId'> & { readonly offset: bigint | string },
): string {
  const { topic, partition, offset, topicId } = at
  return `${topic}/${partition}/${offset} (${topicId})`
}

function describe({ type, messageId }: { readonly type: string; readonly messageId: string }): string {
  return `${type || 'a record without a type'} ${messageId}`
}

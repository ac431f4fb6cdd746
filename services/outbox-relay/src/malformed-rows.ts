import type { OutboxRow } from './outbox-row.ts'
import { keyName, type RowToPark } from './parked-rows.ts'

/** Separates rows that make no record, and the later rows of their topic and key, from the rows that may be sent. */
export function withoutMalformed(rows: readonly OutboxRow[]): {
  readonly free: readonly OutboxRow[]
  readonly toPark: readonly RowToPark[]
} {
  if (!rows.some(({ defect }) => defect !== undefined)) return { free: rows, toPark: [] }
  const keys = new Set<string>()
  const free: OutboxRow[] = []
  const toPark: RowToPark[] = []
  for (const row of rows) {
    if (row.defect !== undefined) {
      toPark.push({ row, error: row.defect })
      if (row.key !== null) keys.add(keyName(row))
    } else if (row.key !== null && keys.has(keyName(row))) toPark.push({ row, error: 'KEY_PARKED' })
    else free.push(row)
  }
  return { free, toPark }
}

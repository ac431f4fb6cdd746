import { DeadLetterReason, DeadLetterState } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_pb.ts'
import type { DeadLetterFilter } from '@boxoffice/proto/boxoffice/admin/v1/dead_letter_service_pb.ts'

/** SQL for what a filter matches; takes {@link filterParameters} as `$1` to `$6`. */
export const matchesFilter = `
  ($1::text IS NULL OR consumer = $1)
  AND ($2::text IS NULL OR topic = $2)
  AND ($3::text IS NULL OR type = $3)
  AND ($4::text IS NULL OR reason = $4)
  AND ($5::bytea IS NULL OR sha256(key) = sha256($5))
  AND ($6::text IS NULL OR state = $6)`

export function filterParameters(filter: DeadLetterFilter | undefined): readonly unknown[] {
  return [
    filter?.consumer || null,
    filter?.topic || null,
    filter?.type || null,
    nameOf(DeadLetterReason, filter?.reason),
    filter?.key ?? null,
    nameOf(DeadLetterState, filter?.state),
  ]
}

function nameOf(names: Readonly<Record<string, number>>, value = 0): string | null {
  return value === 0 ? null : (Object.keys(names).find((name) => names[name] === value) ?? null)
}

import type { PoisonReason } from '../message/poison.ts'
import { requireText } from '../message/require-field.ts'
import type { DeadLetterState } from './dead-letter-rows.ts'

/** The values that dead letters must have; a field that is left out matches all. */
export interface DeadLetterFilter {
  readonly consumer?: string | undefined
  readonly topic?: string | undefined
  readonly type?: string | undefined
  readonly reason?: PoisonReason | undefined
  readonly key?: Uint8Array | undefined
  readonly state?: DeadLetterState | undefined
}

/** @throws MessagingError FIELD_VIOLATION for a text that no dead letter can have */
export function checkFilter({ consumer, topic, type }: DeadLetterFilter): void {
  for (const [field, value] of Object.entries({ consumer, topic, type }))
    if (value !== undefined) requireText(`filter.${field}`, value)
}

/** SQL for what a filter matches; takes {@link filterParameters} as `$1` to `$6`. */
export const matchesFilter = `
  ($1::text IS NULL OR consumer = $1)
  AND ($2::text IS NULL OR topic = $2)
  AND ($3::text IS NULL OR type = $3)
  AND ($4::text IS NULL OR reason = $4)
  AND ($5::bytea IS NULL OR sha256(key) = sha256($5))
  AND ($6::text IS NULL OR state = $6)`

export function filterParameters(filter: DeadLetterFilter): readonly unknown[] {
  const { consumer, topic, type, reason, key, state } = filter
  return [consumer ?? null, topic ?? null, type ?? null, reason ?? null, key ?? null, state ?? null]
}

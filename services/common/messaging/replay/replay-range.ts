import { refuse, requireOffset, requireTime } from '../message/require-field.ts'

/** The records that a consumer is to read again. */
export interface ReplayRange {
  readonly consumer: string
  /** Topics of the consumer; an empty list means all of them. */
  readonly topics: readonly string[]
  readonly from: ReplayFrom
}

export type ReplayFrom =
  | { readonly case: 'earliest' }
  /** The same offset in every partition. */
  | { readonly case: 'offset'; readonly value: bigint }
  | { readonly case: 'offsets'; readonly value: readonly PartitionOffset[] }
  | { readonly case: 'time'; readonly value: Date }

export interface PartitionOffset {
  readonly topic: string
  readonly partition: number
  readonly offset: bigint
}

/** @throws MessagingError FIELD_VIOLATION for an offset or a time that no topic can have */
export function checkFrom(from: ReplayFrom): void {
  if (from.case === 'time') requireTime('range.from.value', from.value)
  if (from.case === 'offset') requireOffset('range.from.value', from.value)
  if (from.case !== 'offsets') return
  if (from.value.length === 0) refuse('range.from.value', from.value, 'the offset of a partition at least')
  from.value.forEach(({ offset }, index) => {
    requireOffset(`range.from.value[${index}].offset`, offset)
  })
}

/** Offsets that name no partition, or one twice. */
export class InvalidOffsetsError extends Error {
  override readonly name = 'InvalidOffsetsError'
  readonly code = 'INVALID_OFFSETS'
  readonly faults: readonly OffsetFault[]

  constructor(faults: readonly OffsetFault[]) {
    super('The offsets do not name partitions')
    this.faults = faults
  }
}

export interface OffsetFault {
  /** The place in the list of offsets, from 0. */
  readonly index: number
  readonly description: string
}

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

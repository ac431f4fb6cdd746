/** Why a record cannot be handled. */
export type PoisonReason =
  /** It is a batch of records that cannot be read. */
  | 'UNREADABLE'
  | 'UNCLEAN_KEY'
  | 'UNCLEAN_HEADER'
  | 'MISSING_HEADER'
  | 'INVALID_HEADER'
  | 'UNKNOWN_TYPE'
  | 'NULL_VALUE'
  | 'UNDECODABLE'
  | 'RULE_VIOLATED'
  /** It breaks its contract: nobody who may send it has sent it so. */
  | ContractViolation
  | 'HANDLER_FAILED'
  /** It disagrees with what the service has on record. */
  | 'CONTRADICTS_RECORD'
  /** Nothing is wrong with it: an earlier message of its key is put aside. */
  | 'KEY_PARKED'

const contractViolations = [
  'WRONG_TOPIC',
  'WRONG_SOURCE',
  'WRONG_KEY',
  'WRONG_SUBJECT',
  'WRONG_ID',
  'TOO_LARGE',
] as const

/** What a record says is not what its contract says. */
export type ContractViolation = (typeof contractViolations)[number]

/**
 * Whether a record is put aside without a place in the line of its key: a record that breaks its contract is no message of that
 * key, so that the key's own messages do not wait for it.
 */
export function isOutOfLine(reason: PoisonReason): reason is ContractViolation {
  return (contractViolations as readonly string[]).includes(reason)
}

/** Reasons to put aside what was decoded, and keeps its contract. */
export const believedReasons: ReadonlySet<PoisonReason> = new Set([
  'HANDLER_FAILED',
  'CONTRADICTS_RECORD',
  'KEY_PARKED',
])

export interface Poison {
  readonly reason: PoisonReason
  /** What is wrong, without the payload. */
  readonly error: string
  /** How often it was tried. */
  readonly attempts: number
}

/** What a codec throws at a record that it makes no message of. The record is put aside for this reason. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError'
  readonly reason: PoisonReason

  /** @param message - what is wrong, for people and without the payload */
  constructor(reason: PoisonReason, message: string) {
    super(message)
    this.reason = reason
  }
}

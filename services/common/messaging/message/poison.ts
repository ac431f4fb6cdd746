/** Why a record cannot be handled. */
export type PoisonReason =
  /** It is a batch of records that cannot be decoded. */
  | 'UNREADABLE'
  | 'UNCLEAN_KEY'
  | 'UNCLEAN_HEADER'
  | 'MISSING_HEADER'
  | 'INVALID_HEADER'
  | 'UNKNOWN_TYPE'
  | 'NULL_VALUE'
  | 'UNDECODABLE'
  | 'RULE_VIOLATED'
  /** It breaks its contract: no service that may send it has sent it like this. */
  | ContractViolation
  | 'HANDLER_FAILED'
  /** It contradicts what the service has recorded. */
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

/** The ways in which a record breaks its contract. */
export type ContractViolation = (typeof contractViolations)[number]

/**
 * Whether a record breaks its contract. Such a record is put aside without parking its key: it is no message of that
 * key, so the key's own messages do not wait for it.
 */
export function isOutOfLine(reason: PoisonReason): reason is ContractViolation {
  return (contractViolations as readonly string[]).includes(reason)
}

/** The reasons for which a record is put aside that was decoded and keeps its contract. */
export const believedReasons: ReadonlySet<PoisonReason> = new Set([
  'HANDLER_FAILED',
  'CONTRADICTS_RECORD',
  'KEY_PARKED',
])

export interface Poison {
  readonly reason: PoisonReason
  /** What is wrong, without the payload. */
  readonly error: string
  /** The number of times that it was tried. */
  readonly attempts: number
}

/** A codec throws this at a record that is no valid message. The record is put aside for the reason. */
export class PoisonError extends Error {
  override readonly name = 'PoisonError'
  readonly reason: PoisonReason

  /** @param message - what is wrong, for operators and without the payload */
  constructor(reason: PoisonReason, message: string) {
    super(message)
    this.reason = reason
  }
}

/** A final payment and everything that messages state about it. Amounts are points. */
export interface PaymentBooks {
  readonly status: string
  readonly refund: string
  readonly sequence: number
  readonly amount: bigint
  /** Ordered by sequence. */
  readonly transitions: readonly { readonly sequence: number; readonly status: string }[]
  readonly debits: readonly bigint[]
  readonly refunds: readonly bigint[]
  /** The price and number of the seats that were sold to the payment; null if none were. */
  readonly sale: { readonly price: bigint; readonly seats: number } | null
  /** The number of other payments to which one of its seats was sold as well. */
  readonly rivals: number
}

/** What must hold of each payment once it is final (docs/invariants.md). */
export const invariants = {
  'paid-once': 'COMPLETED: its points were taken once, and none came back',
  'seats-sold': 'COMPLETED: its seats are sold to it, at its price',
  'nothing-kept': 'FAILED: no seat is sold to it, and every point came back',
  'one-sale': 'A seat is sold to one payment',
  'history-is-a-path': 'Its history is a path of the state machine without a gap',
} as const

export type InvariantId = keyof typeof invariants

/** Returns the invariants that a final payment breaks; empty if it breaks none. */
export function judgePayment(books: PaymentBooks): InvariantId[] {
  const { status, amount, debits, refunds, sale } = books
  const broken: InvariantId[] = []
  const taken = sum(debits)
  if (status === 'COMPLETED') {
    if (debits.length !== 1 || taken !== amount || refunds.length > 0) broken.push('paid-once')
    if (sale?.price !== amount) broken.push('seats-sold')
  } else if (sale !== null || debits.length > 1 || taken !== sum(refunds)) {
    broken.push('nothing-kept')
  }
  if (books.rivals > 0) broken.push('one-sale')
  if (!isPath(books)) broken.push('history-is-a-path')
  return broken
}

const next: Readonly<Record<string, readonly string[]>> = {
  '': ['PENDING'],
  PENDING: ['PROCESSING', 'FAILED'],
  PROCESSING: ['COMPLETED', 'FAILED'],
  // A failed payment changes again: its refund becomes due, and then done.
  FAILED: ['FAILED'],
  COMPLETED: [],
}

function isPath({ transitions, sequence, status }: PaymentBooks): boolean {
  if (transitions.length !== sequence || transitions.at(-1)?.status !== status) return false
  return transitions.every(
    (transition, index) =>
      transition.sequence === index + 1 &&
      next[transitions[index - 1]?.status ?? '']?.includes(transition.status),
  )
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

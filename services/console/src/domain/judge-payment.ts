/** A final payment and all that was told of it. Amounts are points. */
export interface PaymentBooks {
  readonly status: string
  readonly refund: string
  readonly sequence: number
  readonly amount: bigint
  /** By sequence. */
  readonly transitions: readonly { readonly sequence: number; readonly status: string }[]
  readonly debits: readonly bigint[]
  readonly refunds: readonly bigint[]
  /** Price and seats of what was sold to it; null if nothing was. */
  readonly sale: { readonly price: bigint; readonly seats: number } | null
  /** Other payments to which one of its seats was sold as well. */
  readonly rivals: number
}

/** What must hold of each payment once it is final (design section 8). */
export const invariants = {
  'paid-once': 'COMPLETED: its points were taken once, and none came back',
  'seats-sold': 'COMPLETED: its seats are sold to it, at its price',
  'nothing-kept': 'FAILED: no seat is sold to it, and every point came back',
  'one-sale': 'A seat is sold to one payment',
  'history-is-a-path': 'Its history is a path of the state machine without a gap',
} as const

export type InvariantId = keyof typeof invariants

/** Which invariants a final payment breaks; none, if all is right. */
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
  // More becomes known of a failed payment: that its refund is due, and done.
  FAILED: ['FAILED'],
  COMPLETED: [],
}

function isPath({ transitions, sequence, status }: PaymentBooks): boolean {
  if (transitions.length !== sequence || transitions.at(-1)?.status !== status) return false
  return transitions.every(
    (one, index) =>
      one.sequence === index + 1 && next[transitions[index - 1]?.status ?? '']?.includes(one.status),
  )
}

function sum(amounts: readonly bigint[]): bigint {
  return amounts.reduce((total, amount) => total + amount, 0n)
}

import type { Debit, LedgerEntry, Refusal, Wallet } from './wallet.ts'

/** Something that was published of a wallet: others have acted on it, so it is so. */
export type WalletFact =
  | {
      readonly type: 'CHARGED'
      readonly transactionId: string
      readonly amount: bigint
      readonly time: Date
    }
  | { readonly type: 'TAKEN'; readonly paymentId: string; readonly amount: bigint; readonly time: Date }
  | {
      readonly type: 'REFUSED'
      readonly paymentId: string
      readonly amount: bigint
      readonly refusal: Refusal
      readonly time: Date
    }
  /** An amount of 0 says that there was nothing to give back. */
  | { readonly type: 'REFUNDED'; readonly paymentId: string; readonly amount: bigint; readonly time: Date }

/** What the database knows of a wallet. */
export interface KnownWallet {
  readonly wallet: Wallet
  /** Ids of charges that are in the ledger. */
  readonly charges: ReadonlySet<string>
  /** By payment. */
  readonly debits: ReadonlyMap<string, Debit>
}

/** A ledger row that was missing. */
export interface RestoredEntry {
  readonly entry: LedgerEntry
  /** Of a charge. */
  readonly transactionId: string | null
  readonly time: Date
}

/** What has to be written so that the database knows what was published. */
export interface RestoredWallet {
  readonly debits: readonly Debit[]
  readonly entries: readonly RestoredEntry[]
  /** Facts that were not known. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Adds to a wallet what was published of it, in the order of time. What is known stays; of several answers for one payment
 * the first counts, because everybody has acted on it. A refund of nothing for a payment that is not known is left to the
 * command that asked for it, which is read again: the answer does not tell the amount.
 */
export function restoreWallet(known: KnownWallet, facts: readonly WalletFact[]): RestoredWallet {
  const books = openBooks(known)
  for (const fact of facts) {
    switch (fact.type) {
      case 'CHARGED':
        addCharge(books, fact)
        break
      case 'TAKEN':
        if (isFirst(books, fact.paymentId)) addTaken(books, fact)
        break
      case 'REFUSED':
        if (isFirst(books, fact.paymentId)) addRefused(books, fact)
        break
      case 'REFUNDED':
        addRefunded(books, fact)
    }
  }
  const { entries, short } = balanced(known.wallet, books.movements)
  // What was decided for them stays as it was known: nothing was taken.
  for (const { paymentId } of short) books.changed.delete(paymentId ?? '')
  return {
    debits: [...books.changed.values()],
    entries,
    applied: books.applied - short.length,
    contradictions: [
      ...books.contradictions,
      ...short.map(
        ({ paymentId, amount }) =>
          `payment ${paymentId} took ${amount} points of ${known.wallet.userId}, who has fewer by now`,
      ),
    ],
  }
}

interface Movement {
  readonly kind: LedgerEntry['kind']
  readonly amount: bigint
  readonly paymentId: string | null
  readonly transactionId: string | null
  readonly time: Date
}

interface OpenBooks {
  readonly userId: string
  readonly charges: Set<string>
  readonly debits: Map<string, Debit>
  readonly changed: Map<string, Debit>
  readonly answered: Set<string>
  readonly movements: Movement[]
  readonly contradictions: string[]
  applied: number
}

function openBooks({ wallet, charges, debits }: KnownWallet): OpenBooks {
  return {
    userId: wallet.userId,
    charges: new Set(charges),
    debits: new Map(debits),
    changed: new Map(),
    answered: new Set(),
    movements: [],
    contradictions: [],
    applied: 0,
  }
}

function isFirst({ answered }: OpenBooks, paymentId: string): boolean {
  const first = !answered.has(paymentId)
  answered.add(paymentId)
  return first
}

function addCharge(
  books: OpenBooks,
  { transactionId, amount, time }: WalletFact & { type: 'CHARGED' },
): void {
  if (books.charges.has(transactionId)) return
  books.charges.add(transactionId)
  books.movements.push({ kind: 'CHARGE', amount, paymentId: null, transactionId, time })
  books.applied += 1
}

function addTaken(books: OpenBooks, { paymentId, amount, time }: WalletFact & { type: 'TAKEN' }): void {
  if (books.debits.get(paymentId)?.refusal === null) return
  decide(books, { paymentId, userId: books.userId, amount, refusal: null, refunded: null })
  move(books, 'DEBIT', paymentId, amount, time)
  books.applied += 1
}

function addRefused(books: OpenBooks, fact: WalletFact & { type: 'REFUSED' }): void {
  const { paymentId, amount, refusal, time } = fact
  const debit = books.debits.get(paymentId)
  if (debit === undefined) {
    decide(books, { paymentId, userId: books.userId, amount, refusal, refunded: null })
    books.applied += 1
  } else if (debit.refusal === null && debit.refunded === null) {
    decide(books, { ...debit, refunded: debit.amount })
    move(books, 'REFUND', paymentId, debit.amount, time)
    books.contradictions.push(
      `payment ${paymentId} was refused its points, which were taken all the same; they have come back`,
    )
  }
}

function addRefunded(books: OpenBooks, { paymentId, amount, time }: WalletFact & { type: 'REFUNDED' }): void {
  const debit = books.debits.get(paymentId)
  if (amount === 0n) {
    if (debit === undefined || debit.refusal === null || debit.refunded !== null) return
    decide(books, { ...debit, refunded: 0n })
  } else {
    if (debit?.refusal === null && debit.refunded !== null) return
    if (debit?.refusal !== null) move(books, 'DEBIT', paymentId, amount, time)
    decide(books, { paymentId, userId: books.userId, amount, refusal: null, refunded: amount })
    move(books, 'REFUND', paymentId, amount, time)
  }
  books.applied += 1
}

function decide({ debits, changed }: OpenBooks, debit: Debit): void {
  debits.set(debit.paymentId, debit)
  changed.set(debit.paymentId, debit)
}

function move(
  books: OpenBooks,
  kind: 'DEBIT' | 'REFUND',
  paymentId: string,
  amount: bigint,
  time: Date,
): void {
  books.movements.push({ kind, amount, paymentId, transactionId: null, time })
}

/**
 * The ledger rows, each with the balance after it. Clocks of replicas differ, so a row may stand before the one that it needs:
 * then what comes in stands first. A debit that fits nowhere is returned as short.
 */
function balanced(
  wallet: Wallet,
  movements: readonly Movement[],
): { entries: RestoredEntry[]; short: Movement[] } {
  const inTime = enter(wallet, movements)
  if (inTime.short.length === 0) return inTime
  const credits = movements.filter(({ kind }) => kind !== 'DEBIT')
  return enter(wallet, [...credits, ...movements.filter(({ kind }) => kind === 'DEBIT')])
}

function enter({ userId, balance: start }: Wallet, movements: readonly Movement[]) {
  const entries: RestoredEntry[] = []
  const short: Movement[] = []
  let balance = start
  for (const movement of movements) {
    const { kind, amount, paymentId, transactionId, time } = movement
    const next = kind === 'DEBIT' ? balance - amount : balance + amount
    if (next < 0n) {
      short.push(movement)
      continue
    }
    balance = next
    entries.push({ entry: { userId, kind, amount, balance, paymentId }, transactionId, time })
  }
  return { entries, short }
}

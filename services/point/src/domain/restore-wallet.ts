import type { Debit, LedgerEntry, Refusal, Wallet } from './wallet.ts'

/** A published fact about a wallet. It holds, because other services have acted on it. */
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
  /** An amount of 0 means that there was nothing to refund. */
  | { readonly type: 'REFUNDED'; readonly paymentId: string; readonly amount: bigint; readonly time: Date }

/** The wallet as the database has it. */
export interface KnownWallet {
  readonly wallet: Wallet
  /** Ids of charges that are in the ledger. */
  readonly charges: ReadonlySet<string>
  /** Debits by payment. */
  readonly debits: ReadonlyMap<string, Debit>
}

/** A ledger row that was missing. */
export interface RestoredEntry {
  readonly entry: LedgerEntry
  /** Null unless the row is a charge. */
  readonly transactionId: string | null
  readonly time: Date
}

/** The rows to write so that the database knows what was published. */
export interface RestoredWallet {
  readonly debits: readonly Debit[]
  readonly entries: readonly RestoredEntry[]
  /** The number of facts that were not stored. */
  readonly applied: number
  readonly contradictions: readonly string[]
}

/**
 * Adds the published facts to a wallet, in the order of time. What is stored stays. Of several answers for one payment
 * the first counts, because other services have acted on it. A refund of nothing for an unknown payment is left to the
 * command that asked for it, which the service reads again: the answer does not contain the debit's amount.
 */
export function restoreWallet(known: KnownWallet, facts: readonly WalletFact[]): RestoredWallet {
  const draft = startDraft(known)
  for (const fact of facts) {
    switch (fact.type) {
      case 'CHARGED':
        addCharge(draft, fact)
        break
      case 'TAKEN':
        if (isFirst(draft, fact.paymentId)) addTaken(draft, fact)
        break
      case 'REFUSED':
        if (isFirst(draft, fact.paymentId)) addRefused(draft, fact)
        break
      case 'REFUNDED':
        addRefunded(draft, fact)
    }
  }
  const { entries, short } = balanced(known.wallet, draft.movements)
  // A payment without enough points keeps the decision that was stored: nothing was taken.
  for (const { paymentId } of short) draft.changed.delete(paymentId ?? '')
  return {
    debits: [...draft.changed.values()],
    entries,
    applied: draft.applied - short.length,
    contradictions: [
      ...draft.contradictions,
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

interface WalletDraft {
  readonly userId: string
  readonly charges: Set<string>
  readonly debits: Map<string, Debit>
  readonly changed: Map<string, Debit>
  readonly answered: Set<string>
  readonly movements: Movement[]
  readonly contradictions: string[]
  applied: number
}

function startDraft({ wallet, charges, debits }: KnownWallet): WalletDraft {
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

function isFirst({ answered }: WalletDraft, paymentId: string): boolean {
  const first = !answered.has(paymentId)
  answered.add(paymentId)
  return first
}

function addCharge(
  draft: WalletDraft,
  { transactionId, amount, time }: WalletFact & { type: 'CHARGED' },
): void {
  if (draft.charges.has(transactionId)) return
  draft.charges.add(transactionId)
  draft.movements.push({ kind: 'CHARGE', amount, paymentId: null, transactionId, time })
  draft.applied += 1
}

function addTaken(draft: WalletDraft, { paymentId, amount, time }: WalletFact & { type: 'TAKEN' }): void {
  if (draft.debits.get(paymentId)?.refusal === null) return
  decide(draft, { paymentId, userId: draft.userId, amount, refusal: null, refunded: null })
  move(draft, 'DEBIT', paymentId, amount, time)
  draft.applied += 1
}

function addRefused(draft: WalletDraft, fact: WalletFact & { type: 'REFUSED' }): void {
  const { paymentId, amount, refusal, time } = fact
  const debit = draft.debits.get(paymentId)
  if (debit === undefined) {
    decide(draft, { paymentId, userId: draft.userId, amount, refusal, refunded: null })
    draft.applied += 1
  } else if (debit.refusal === null && debit.refunded === null) {
    decide(draft, { ...debit, refunded: debit.amount })
    move(draft, 'REFUND', paymentId, debit.amount, time)
    draft.contradictions.push(
      `payment ${paymentId} was refused its points, which were taken all the same; they have come back`,
    )
  }
}

function addRefunded(
  draft: WalletDraft,
  { paymentId, amount, time }: WalletFact & { type: 'REFUNDED' },
): void {
  const debit = draft.debits.get(paymentId)
  if (amount === 0n) {
    if (debit === undefined || debit.refusal === null || debit.refunded !== null) return
    decide(draft, { ...debit, refunded: 0n })
  } else {
    if (debit?.refusal === null && debit.refunded !== null) return
    if (debit?.refusal !== null) move(draft, 'DEBIT', paymentId, amount, time)
    decide(draft, { paymentId, userId: draft.userId, amount, refusal: null, refunded: amount })
    move(draft, 'REFUND', paymentId, amount, time)
  }
  draft.applied += 1
}

function decide({ debits, changed }: WalletDraft, debit: Debit): void {
  debits.set(debit.paymentId, debit)
  changed.set(debit.paymentId, debit)
}

function move(
  draft: WalletDraft,
  kind: 'DEBIT' | 'REFUND',
  paymentId: string,
  amount: bigint,
  time: Date,
): void {
  draft.movements.push({ kind, amount, paymentId, transactionId: null, time })
}

/**
 * The ledger rows, each with the balance after it. Replicas' clocks differ, so a debit may come before the points that
 * it needs: then charges and refunds are entered first. A debit that fits nowhere is returned as short.
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

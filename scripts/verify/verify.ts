import { setTimeout as delay } from 'node:timers/promises'
import { type Books, byService, readBooks, underWay } from './books.ts'
import { checkHistory, checkNothingLeftBehind, checkOneEffect, checkPaymentsFinal } from './check-flow.ts'
import { checkLedger, checkNotNegative, checkPointsConserved, checkRefundedIsFailed } from './check-money.ts'
import {
  checkCompletedIsDone,
  checkOneHolder,
  checkSoldExactlyIfPaid,
  checkSoldIsBeingPaid,
} from './check-seats.ts'
import type { InvariantResult } from './invariant.ts'
import type { MessagingBooks } from './messaging-books.ts'
import { type Sources, UnreadableError } from './sources.ts'

export type { InvariantResult } from './invariant.ts'
export type { Sources } from './sources.ts'

export interface Verdict {
  /** Whether no work was in progress, so that everything could be judged. */
  readonly atRest: boolean
  /** The work in progress; empty at rest. */
  readonly underWay: readonly string[]
  readonly results: readonly InvariantResult[]
  /** Messages that consumers have put aside, each in a sentence. They break no invariant by themselves. */
  readonly deadLetters: readonly string[]
  /** Keys whose later messages wait behind a dead letter, each in a sentence. */
  readonly parkedKeys: readonly string[]
}

const pollMs = 250

/**
 * Checks the invariants of docs/invariants.md (1 to 7) that the live databases can show. With `atRest` the caller
 * guarantees that no work is in progress: then everything is judged, and an unfinished payment is a counterexample.
 * Without it only the invariants that hold under traffic are judged.
 *
 * @throws UnreadableError
 */
export async function verify(
  sources: Sources,
  { atRest }: { readonly atRest: boolean },
): Promise<readonly InvariantResult[]> {
  return check(await readBooks(sources), atRest ? undefined : 'judged at rest only')
}

/**
 * Waits at most `waitMs` until no work is in progress, and checks everything. If the system does not come to rest, it
 * checks the invariants that always hold, and returns the work in progress. What cannot be read for a moment counts as
 * work in progress, too.
 *
 * @param onBusy - called with the work in progress after each check
 * @param read - reads the books, but for a test
 * @throws UnreadableError
 */
export async function verifyWhenAtRest(
  sources: Sources,
  options: {
    readonly waitMs: number
    readonly onBusy?: (busy: readonly string[]) => void
    readonly signal?: AbortSignal
    readonly read?: typeof readBooks
  },
): Promise<Verdict> {
  const { read = readBooks } = options
  const deadline = Date.now() + options.waitMs
  const isLast = (): boolean => Date.now() + pollMs > deadline
  while (true) {
    options.signal?.throwIfAborted()
    let busy: readonly string[]
    try {
      const books = await read(sources)
      busy = underWay(books)
      if (busy.length === 0 || isLast()) return verdictOn(books, busy)
    } catch (error) {
      if (!(error instanceof UnreadableError && error.passes) || isLast()) throw error
      busy = [error.message]
    }
    options.onBusy?.(busy)
    await delay(pollMs, undefined, options.signal ? { signal: options.signal } : {})
  }
}

function verdictOn(books: Books, busy: readonly string[]): Verdict {
  const { after, point, reservation } = books
  const named = (textsOf: (messaging: MessagingBooks) => readonly string[]): string[] =>
    byService({ payment: after, point, reservation }).flatMap(([name, { messaging }]) =>
      textsOf(messaging).map((text) => `${name}: ${text}`),
    )
  return {
    atRest: busy.length === 0,
    underWay: busy,
    results: check(books, busy.length === 0 ? undefined : 'judged at rest only'),
    deadLetters: named(({ deadLetters }) => deadLetters),
    parkedKeys: named(({ parkedKeys }) => parkedKeys),
  }
}

/** Checks in the order of the document. `notAtRest` is the reason to skip invariants that hold only at rest. */
function check(books: Books, notAtRest: string | undefined): InvariantResult[] {
  return [
    checkPointsConserved(books, notAtRest),
    checkLedger(books),
    checkSoldExactlyIfPaid(books, notAtRest),
    checkPaymentsFinal(books, notAtRest),
    checkNothingLeftBehind(books, notAtRest),
    checkNotNegative(books),
    checkOneHolder(books),
    checkCompletedIsDone(books),
    checkSoldIsBeingPaid(books),
    checkRefundedIsFailed(books),
    checkHistory(books),
    checkOneEffect(books),
  ]
}

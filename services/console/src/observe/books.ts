import type { Books } from '../contract/answers.ts'
import { type InvariantId, invariants } from '../domain/judge-payment.ts'
import type { CompleteSince } from '../storage/complete-since.ts'
import type { TrailBooks } from '../storage/read-books.ts'

/**
 * The books as the page shows them. An invariant that holds only at rest is judged per payment, once the payment is at
 * rest.
 */
export function booksOf(
  books: TrailBooks,
  now: {
    readonly readThrough: Date | undefined
    readonly completeSince: CompleteSince
    readonly stuckIds: readonly string[]
    readonly open: number
  },
): Books {
  const checked: Readonly<Record<InvariantId, number>> = {
    'paid-once': books.judgedCompleted,
    'seats-sold': books.judgedCompleted,
    'nothing-kept': books.judgedFailed,
    'one-sale': books.judgedCompleted + books.judgedFailed,
    'history-is-a-path': books.judgedCompleted + books.judgedFailed,
  }
  const broken = new Map(books.faults.map(({ fault, payments }) => [fault, payments]))
  const fromTheBeginning = now.completeSince === null
  return {
    readThrough: now.readThrough?.toISOString() ?? null,
    completeSince: now.completeSince?.toISOString() ?? null,
    judged: books.judgedCompleted + books.judgedFailed,
    waiting: books.waiting,
    before: books.before,
    invariants: [
      ...(Object.keys(invariants) as InvariantId[]).map((id) => ({
        id,
        text: invariants[id],
        checked: checked[id],
        broken: broken.get(id) ?? [],
      })),
      {
        id: 'ledger-is-a-chain',
        text: 'Each balance is the sum of its ledger, from 0 and without a gap',
        checked: fromTheBeginning ? books.wallets : 0,
        broken: books.brokenWallets,
      },
      {
        id: 'final-in-time',
        text: 'Every payment becomes final in time',
        checked: now.readThrough === undefined ? 0 : books.judgedCompleted + books.judgedFailed + now.open,
        broken: now.stuckIds,
      },
    ],
    money: fromTheBeginning
      ? {
          charged: String(books.charged),
          inWallets: String(books.inWallets),
          spent: String(books.spent),
          onTheWay: String(books.charged - books.inWallets - books.spent),
        }
      : null,
  }
}

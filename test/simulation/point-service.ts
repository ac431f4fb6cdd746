import { deriveMessageId } from '@boxoffice/common/message/message-id.ts'
import type { SagaMessage } from '../../services/payment/src/domain/saga.ts'
import {
  chargePoints,
  type Debit,
  type Decision,
  type LedgerEntry,
  type PointRequest,
  refundPoints,
  usePoints,
  type Wallet,
} from '../../services/point/src/domain/wallet.ts'
import type { Message } from './message-log.ts'
import type { ServiceOptions } from './service.ts'

export interface PointBooks {
  readonly wallets: Map<string, Wallet>
  readonly debits: Map<string, Debit>
  readonly ledger: LedgerEntry[]
}

/** @param remembersDebits - false forgets what was decided for a payment, to see that this is noticed */
export function pointOptions(hasInbox: boolean, remembersDebits: boolean): ServiceOptions<PointBooks> {
  return {
    name: 'point',
    topics: ['point-commands'],
    hasInbox,
    books: { wallets: new Map(), debits: new Map(), ledger: [] },
    copyBooks: ({ wallets, debits, ledger }) => ({
      wallets: new Map(wallets),
      debits: new Map(debits),
      ledger: [...ledger],
    }),
    handle(books, message) {
      const request = message.body as PointRequest
      const wallet = books.wallets.get(request.userId)
      const known = remembersDebits ? books.debits.get(request.paymentId) : undefined
      const decide = message.type === 'USE_POINTS' ? usePoints : refundPoints
      const decision = decide(wallet, known, request)
      record(books, decision)
      return [answer(message, decision.debit)]
    },
  }
}

export function charge(books: PointBooks, userId: string, amount: bigint): void {
  const wallet = books.wallets.get(userId) ?? { userId, balance: 0n }
  const entry = chargePoints(wallet, amount)
  if (entry !== undefined) enter(books, entry)
}

function record(books: PointBooks, { debit, entry }: Decision): void {
  books.debits.set(debit.paymentId, debit)
  if (entry !== undefined) enter(books, entry)
}

function enter({ wallets, ledger }: PointBooks, entry: LedgerEntry): void {
  ledger.push(entry)
  wallets.set(entry.userId, { userId: entry.userId, balance: entry.balance })
}

function answer({ type, id }: Message, { paymentId, refusal, refunded }: Debit): Message {
  const isForUse = type === 'USE_POINTS'
  const body: SagaMessage = isForUse
    ? refusal === null
      ? { type: 'POINTS_TAKEN' }
      : { type: 'POINTS_REFUSED', reason: refusal }
    : { type: 'POINTS_REFUNDED', amount: refunded ?? 0n }
  const answerType = isForUse ? 'POINTS_USED' : 'POINTS_REFUNDED'
  return {
    id: deriveMessageId(answerType, id),
    type: answerType,
    topic: 'point-events',
    key: paymentId,
    paymentId,
    body,
  }
}

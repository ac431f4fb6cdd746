import { type DiscardOutcome, type Handled, OutcomeContradictedError } from '@boxoffice/messaging'
import type { EntityManager } from '@mikro-orm/postgresql'
import { pointRefunded, pointUsed } from '../contract/answers.ts'
import type { PointCommand } from '../contract/point-command.ts'
import { discardRefund, discardUse } from '../domain/discard.ts'
import { contradictionOf } from '../domain/wallet.ts'
import { balanceOf, lockWallets, recordDebit, saveWallets } from '../storage/locked-wallets.ts'

/**
 * Records the outcome of a command that an operator discards: from then on it is the payment's answer. A command that
 * contradicts what is recorded may be discarded as REFUSED without an answer.
 *
 * @throws OutcomeContradictedError if the outcome is not the recorded one
 */
export async function discardCommand(
  em: EntityManager,
  { kind, request, message }: PointCommand,
  outcome: DiscardOutcome,
): Promise<Handled> {
  const { userId, paymentId } = request
  const locked = await lockWallets(em, [userId], [paymentId])
  const known = locked.debits.get(paymentId)
  if (outcome === 'REFUSED' && contradictionOf(known, request) !== undefined) return { outbox: [] }
  const discard = kind === 'DEBIT' ? discardUse : discardRefund
  const debit = discard(known, request, outcome)
  if (debit === undefined) {
    const effect = kind === 'DEBIT' ? 'a debit' : 'a refund'
    throw new OutcomeContradictedError(
      `${outcome} contradicts what is recorded for ${effect} of payment ${paymentId}`,
    )
  }
  recordDebit(locked, debit)
  await saveWallets(em, locked)
  const answer = kind === 'DEBIT' ? pointUsed : pointRefunded
  const balance = balanceOf(locked, debit.userId)
  return { outbox: [answer(message, { debit, balance, time: new Date() })] }
}

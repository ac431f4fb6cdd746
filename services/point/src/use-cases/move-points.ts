import type { OutboxMessage } from '@boxoffice/messaging'
import { ContradictsRecordError, deriveMessageId, type Handled } from '@boxoffice/messaging'
import { pointRefunded, pointUsed } from '../contract/answers.ts'
import type { PointCommand } from '../contract/point-command.ts'
import { contradictionOf, refundPoints, usePoints } from '../domain/wallet.ts'
import { balanceOf, type LockedWallets, record } from '../storage/locked-wallets.ts'
import { type WalletStore, walletStore } from '../storage/wallet-store.ts'

/**
 * Takes points for payments and refunds them, in the order of the commands, in the consumer's transaction. Each
 * command gets an answer: what it changed, or the earlier decision for its payment.
 *
 * @throws ContradictsRecordError if something else is recorded for a payment
 */
export const movePoints = movePointsIn(walletStore)

/** The same use case on any store. */
export function movePointsIn<Tx>(store: WalletStore<Tx>) {
  return async (tx: Tx, commands: readonly PointCommand[]): Promise<Handled> => {
    const locked = await store.lock(
      tx,
      commands.map(({ request }) => request.userId),
      commands.map(({ request }) => request.paymentId),
    )
    const time = new Date()
    const outbox = commands.map((command) => move(locked, command, time))
    await store.save(tx, locked)
    return { outbox }
  }
}

function move(locked: LockedWallets, { kind, request, message }: PointCommand, time: Date): OutboxMessage {
  const { paymentId, userId } = request
  const known = locked.debits.get(paymentId)
  const why = contradictionOf(known, request)
  if (why !== undefined) throw new ContradictsRecordError(why)
  const decide = kind === 'DEBIT' ? usePoints : refundPoints
  const decision = decide(locked.wallets.get(userId), known, request)
  record(locked, deriveMessageId(kind, paymentId), decision)
  const { debit } = decision
  const answer = kind === 'DEBIT' ? pointUsed : pointRefunded
  return answer(message, { debit, balance: balanceOf(locked, debit.userId), time })
}

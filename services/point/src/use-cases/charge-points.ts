import { findRequests, rememberRequests, seenAs } from '@boxoffice/common/grpc/request-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { createGroupCommit, type GroupCommit, groupBounds } from '@boxoffice/common/postgres/group-commit.ts'
import { appendToOutbox } from '@boxoffice/messaging'
import { pointsChargedMessage } from '../contract/outgoing.ts'
import { chargePoints, type LedgerEntry, type Wallet } from '../domain/wallet.ts'
import type { ShownLedgerRow } from '../storage/entities.ts'
import { findLedgerEntries } from '../storage/find-ledger-entries.ts'
import { insertWallets } from '../storage/insert-wallets.ts'
import { type LockedWallets, lockWallets, recordEntry, saveWallets } from '../storage/locked-wallets.ts'

/** A charge that a call asks for. */
export interface NewCharge {
  readonly transactionId: string
  readonly userId: string
  readonly requestId: string
  /** Made by fingerprintOf. */
  readonly fingerprint: Uint8Array
  /** Points. */
  readonly amount: bigint
  /** W3C trace context of the call. */
  readonly traceparent: string
}

export type ChargeOutcome =
  /** Charged now, or by the same request before. */
  | { readonly outcome: 'ACCEPTED'; readonly transaction: ShownLedgerRow; readonly balance: bigint }
  | { readonly outcome: 'REQUEST_ID_REUSED' }
  /** It would take this balance past what a wallet holds. */
  | { readonly outcome: 'TOO_MUCH'; readonly balance: bigint }

/** Adds points to wallets, once for each request id. Charges that come at the same time share a transaction. */
export function createPointCharger(database: Database): GroupCommit<NewCharge, ChargeOutcome> {
  return createGroupCommit({
    ...groupBounds,
    idOf: ({ transactionId }) => transactionId,
    commit: (charges) => acceptCharges(database, charges),
  })
}

/**
 * Adds points for several calls in one transaction, each as if it came alone and after the ones before it.
 *
 * @param calls - no two of them with the same transaction id
 * @returns in their order
 */
export function acceptCharges(database: Database, calls: readonly NewCharge[]): Promise<ChargeOutcome[]> {
  return database.transaction((em) => chargeTogether(em, calls))
}

/** Two calls of one user wait for each other at the wallet, so that the second one finds what the first one has left. */
async function chargeTogether(em: EntityManager, calls: readonly NewCharge[]): Promise<ChargeOutcome[]> {
  const userIds = calls.map(({ userId }) => userId)
  await insertWallets(em, userIds)
  const locked = await lockWallets(em, userIds, [])
  const fingerprints = await findRequests(em, calls.map(requestOf))
  const outcomes = new Map<NewCharge, ChargeOutcome>()
  const charged = new Map<NewCharge, LedgerEntry>()
  const repeated: NewCharge[] = []
  calls.forEach((call, nth) => {
    const seen = seenAs(fingerprints[nth], call.fingerprint)
    if (seen === 'repeated') repeated.push(call)
    else if (seen === 'reused') outcomes.set(call, { outcome: 'REQUEST_ID_REUSED' })
    else {
      const wallet = walletOf(locked, call.userId)
      const entry = chargePoints(wallet, call.amount)
      if (entry === undefined) outcomes.set(call, { outcome: 'TOO_MUCH', balance: wallet.balance })
      else {
        recordEntry(locked, call.transactionId, entry)
        charged.set(call, entry)
      }
    }
  })
  const rows = [...(await save(em, locked, charged)), ...(await findEntries(em, repeated))]
  for (const [call, transaction] of rows) {
    const { balance } = charged.get(call) ?? walletOf(locked, call.userId)
    outcomes.set(call, { outcome: 'ACCEPTED', transaction, balance })
  }
  return calls.map((call) => outcomes.get(call) as ChargeOutcome)
}

async function save(
  em: EntityManager,
  locked: LockedWallets,
  charged: ReadonlyMap<NewCharge, LedgerEntry>,
): Promise<(readonly [NewCharge, ShownLedgerRow])[]> {
  if (charged.size === 0) return []
  const times = await saveWallets(em, locked)
  await rememberRequests(em, [...charged.keys()].map(requestOf))
  await appendToOutbox(
    em,
    [...charged].map(([call, entry]) => pointsChargedMessage(call, entry)),
  )
  return [...charged].map(([call, entry]) => {
    const { transactionId } = call
    return [call, { ...entry, transactionId, createdAt: times.get(transactionId) as Date }] as const
  })
}

async function findEntries(
  em: EntityManager,
  calls: readonly NewCharge[],
): Promise<(readonly [NewCharge, ShownLedgerRow])[]> {
  const rows = await findLedgerEntries(
    em,
    calls.map(({ transactionId }) => transactionId),
  )
  return calls.map((call) => {
    const row = rows.get(call.transactionId)
    if (row === undefined) throw new Error(`charge ${call.transactionId} was made and is gone`)
    return [call, row]
  })
}

function requestOf({ userId, requestId, fingerprint, transactionId }: NewCharge) {
  return { subject: userId, method: 'ChargePoints', requestId, fingerprint, resourceId: transactionId }
}

function walletOf(locked: LockedWallets, userId: string): Wallet {
  const wallet = locked.wallets.get(userId)
  if (wallet === undefined) throw new Error(`the wallet of ${userId} is gone`)
  return wallet
}

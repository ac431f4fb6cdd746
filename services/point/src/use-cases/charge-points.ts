import type { Transactions } from '@boxoffice/common/grpc/call-store.ts'
import { seenAs } from '@boxoffice/common/grpc/request-id.ts'
import type { Database } from '@boxoffice/common/postgres/database.ts'
import { createGroupCommit, type GroupCommit, groupBounds } from '@boxoffice/common/postgres/group-commit.ts'
import { pointsChargedMessage } from '../contract/outgoing.ts'
import { chargePoints, type LedgerEntry, type Wallet } from '../domain/wallet.ts'
import type { ShownLedgerRow } from '../storage/entities.ts'
import { type LockedWallets, recordEntry } from '../storage/locked-wallets.ts'
import { type WalletStore, walletStore } from '../storage/wallet-store.ts'

/** A charge that a call asks for. */
export interface NewCharge {
  readonly transactionId: string
  readonly userId: string
  readonly requestId: string
  /** From fingerprintOf. */
  readonly fingerprint: Uint8Array
  /** Points. */
  readonly amount: bigint
  /** W3C trace context of the call. */
  readonly traceparent: string
}

export type ChargeOutcome =
  /** Charged now, or earlier by the same request. */
  | { readonly outcome: 'ACCEPTED'; readonly transaction: ShownLedgerRow; readonly balance: bigint }
  | { readonly outcome: 'REQUEST_ID_REUSED' }
  /** The charge would take the balance, which is this one, past the limit of a wallet. */
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
 * Adds points for several calls in one transaction. Each has the effect that it would have alone, after the calls
 * before it.
 *
 * @param calls - no two with the same transaction id
 * @returns the outcomes in the order of the calls
 */
export const acceptCharges = acceptChargesIn(walletStore)

/** The same use case on any store. */
export function acceptChargesIn<Tx>(store: WalletStore<Tx>) {
  return (
    database: Pick<Transactions<Tx>, 'transaction'>,
    calls: readonly NewCharge[],
  ): Promise<ChargeOutcome[]> => database.transaction((tx) => chargeTogether(store, tx, calls))
}

/** Charges for several calls. Transactions with the same user wait at the wallet, so the later sees the earlier. */
async function chargeTogether<Tx>(
  store: WalletStore<Tx>,
  tx: Tx,
  calls: readonly NewCharge[],
): Promise<ChargeOutcome[]> {
  const userIds = calls.map(({ userId }) => userId)
  await store.insert(tx, userIds)
  const locked = await store.lock(tx, userIds, [])
  const fingerprints = await store.findRequests(tx, calls.map(requestOf))
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
  const rows = [...(await save(store, tx, locked, charged)), ...(await findEntries(store, tx, repeated))]
  for (const [call, transaction] of rows) {
    const { balance } = charged.get(call) ?? walletOf(locked, call.userId)
    outcomes.set(call, { outcome: 'ACCEPTED', transaction, balance })
  }
  return calls.map((call) => outcomes.get(call) as ChargeOutcome)
}

async function save<Tx>(
  store: WalletStore<Tx>,
  tx: Tx,
  locked: LockedWallets,
  charged: ReadonlyMap<NewCharge, LedgerEntry>,
): Promise<(readonly [NewCharge, ShownLedgerRow])[]> {
  if (charged.size === 0) return []
  const times = await store.saveTimed(tx, locked)
  await store.rememberRequests(tx, [...charged.keys()].map(requestOf))
  await store.append(
    tx,
    [...charged].map(([call, entry]) => pointsChargedMessage(call, entry)),
  )
  return [...charged].map(([call, entry]) => {
    const { transactionId } = call
    return [call, { ...entry, transactionId, createdAt: times.get(transactionId) as Date }] as const
  })
}

async function findEntries<Tx>(
  store: WalletStore<Tx>,
  tx: Tx,
  calls: readonly NewCharge[],
): Promise<(readonly [NewCharge, ShownLedgerRow])[]> {
  const rows = await store.findEntries(
    tx,
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

import { defineEntity, type InferEntity, p } from '@mikro-orm/core'
import type { LedgerEntry, Refusal } from '../domain/wallet.ts'

export const WalletEntity = defineEntity({
  name: 'Wallet',
  tableName: 'wallet',
  properties: {
    userId: p.text().primary(),
    balance: p.bigint(),
  },
})

const DebitEntity = defineEntity({
  name: 'Debit',
  tableName: 'debit',
  properties: {
    paymentId: p.uuid().primary(),
    userId: p.text(),
    amount: p.bigint(),
    refusal: p.text().$type<Refusal>().strictNullable(),
    refunded: p.bigint().strictNullable(),
  },
})

export const LedgerEntryEntity = defineEntity({
  name: 'LedgerEntry',
  tableName: 'ledger_entry',
  properties: {
    transactionId: p.uuid().primary(),
    position: p.bigint(),
    userId: p.text(),
    kind: p.text().$type<LedgerEntry['kind']>(),
    amount: p.bigint(),
    balance: p.bigint(),
    paymentId: p.uuid().strictNullable(),
    createdAt: p.datetime(),
  },
})

export type LedgerRow = InferEntity<typeof LedgerEntryEntity>

/** The columns of a ledger row that the API shows. */
export type ShownLedgerRow = Pick<
  LedgerRow,
  'transactionId' | 'kind' | 'amount' | 'balance' | 'paymentId' | 'createdAt'
>

export const entities = [WalletEntity, DebitEntity, LedgerEntryEntity]

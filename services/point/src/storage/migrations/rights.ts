import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** The rights of point's role. Of a decision it may update only the refund; a restore updates more by a function. */
export const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    wallet: 'SELECT, INSERT, UPDATE (balance)',
    debit: 'SELECT, INSERT, UPDATE (refunded)',
    ledger_entry: appendOnly,
  },
  functions: [...messagingRights.functions, 'restore_debits(uuid[], text[], bigint[], text[], bigint[])'],
}

import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** What point's role may do. Of a decision only what was given back changes, but for a restore. */
export const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    wallet: 'SELECT, INSERT, UPDATE (balance)',
    debit: 'SELECT, INSERT, UPDATE (refunded)',
    ledger_entry: appendOnly,
  },
  functions: [...messagingRights.functions, 'restore_debits(uuid[], text[], bigint[], text[], bigint[])'],
}

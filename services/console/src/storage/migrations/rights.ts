import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** What the console's role may do: the trail and what was read from it stay, but for a rebuild. */
export const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    message: appendOnly,
    payment: 'SELECT, INSERT, UPDATE',
    transition: appendOnly,
    ledger_entry: appendOnly,
    sale: appendOnly,
    reservation: 'SELECT, INSERT, UPDATE (status, version)',
    rebuild: 'SELECT',
  },
  functions: [
    ...messagingRights.functions,
    'rebuild_trail(text, text, text[], integer[], bigint[], uuid[], bigint)',
  ],
}

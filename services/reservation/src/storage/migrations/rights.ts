import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** The rights of reservation's role. Concerts, prices and sales cannot be updated. */
export const rights: Rights = {
  tables: {
    ...messagingRights.tables,
    concert: appendOnly,
    reservation: 'SELECT, INSERT, UPDATE (state, held_until, payment_id, version)',
    seat: 'SELECT, INSERT, UPDATE (reservation_id, held_until, sold)',
    sale: appendOnly,
    confirmation: appendOnly,
  },
  functions: [...messagingRights.functions, 'restore_confirmations(uuid[], uuid[], text[], timestamptz[])'],
}

import { appendOnly, messagingRights, type Rights } from '@boxoffice/common/postgres/rights.ts'

/** What reservation's role may do. Concerts, prices and sales stay as they were made. */
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

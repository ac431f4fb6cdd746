import type pg from 'pg'
import { waitFor } from './wait-for.ts'

/**
 * Drops the slot of this database whose name ends so. A relay that loses its slot takes it again soon, so each attempt
 * ends the reader first.
 */
export async function dropActiveSlot(pool: pg.Pool, ending = ''): Promise<void> {
  await waitFor('the slot to be dropped', async () => {
    await pool.query(`SELECT pg_terminate_backend(active_pid) ${slots}`, [`%${ending}`])
    const dropped = pool.query(`SELECT pg_drop_replication_slot(slot_name) ${slots}`, [`%${ending}`])
    return await dropped.then(
      ({ rowCount }) => rowCount === 1,
      () => false,
    )
  })
}

const slots = 'FROM pg_replication_slots WHERE database = current_database() AND slot_name LIKE $1'

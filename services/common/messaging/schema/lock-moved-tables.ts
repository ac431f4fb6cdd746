import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from '../sql/sql.ts'
import { movedTables } from './move-tables.ts'
import { literal, quoted } from './outbox-tables.ts'

/**
 * Locks the tables that are moved, all within two seconds or none: a call that needs one of them waits no longer,
 * which is less than its own bound. Between two attempts, transactions that are in the way have time to end. The
 * migration's own LOCK then finds the tables locked. That statement never changes, and it waits for each table for as
 * long as the transaction may wait for a lock.
 * @throws the driver's error with SQL state 55P03 after the last attempt; the transaction cannot go on then
 */
export async function lockMovedTables(sql: Sql, schema: string): Promise<void> {
  const [last = ''] = lockOrder.slice(-1)
  for (let attempt = 1; ; attempt++) {
    await sql.query(lockAll(schema, attempt === attemptsMax))
    const held = await sql.query(isHeld, [`${quoted(schema)}.${quoted(last)}`])
    if (held.length > 0) return
    await sleep(pauseMs * (0.5 + Math.random()))
  }
}

const attemptsMax = 15
const attemptMs = 2_000
const pauseMs = 1_000

/** The order in which consumers and operators lock: a parked key before its dead letters, positions before effects. */
const lockOrder = movedTables
  .filter((table) => table !== 'parked_key')
  .toSpliced(movedTables.indexOf('dead_letter'), 0, 'parked_key')

/** The block is a savepoint: when it fails, it releases the locks that it has taken. */
function lockAll(schema: string, isLast: boolean): string {
  return `DO $do$
    DECLARE
      before text := current_setting('lock_timeout');
      until timestamptz := clock_timestamp() + interval '${attemptMs} ms';
      name text;
    BEGIN
      FOREACH name IN ARRAY ARRAY[${lockOrder.map(literal).join(', ')}] LOOP
        PERFORM set_config('lock_timeout',
          greatest(1, ceil(extract(epoch FROM until - clock_timestamp()) * 1000))::int::text, true);
        EXECUTE format('LOCK TABLE %I.%I IN ACCESS EXCLUSIVE MODE', ${literal(schema)}, name);
      END LOOP;
      PERFORM set_config('lock_timeout', before, true);
    ${isLast ? '' : 'EXCEPTION WHEN lock_not_available THEN NULL;'}
    END $do$`
}

const isHeld = `
  SELECT FROM pg_locks
  WHERE pid = pg_backend_pid() AND relation = to_regclass($1) AND mode = 'AccessExclusiveLock' AND granted`

import { isOfEarlierWrite } from '../sql/earlier-write.ts'
import { isoTime } from '../sql/iso-time.ts'
import type { Sql, SqlDatabase } from '../sql/sql.ts'
import { type Lease, renewLease } from './lease.ts'
import type { Applied, Fact, RestoreHandler } from './restore-handler.ts'

/** The service could not apply what it has published: `cause` says why. */
export class ApplyError extends Error {
  override readonly name = 'ApplyError'
}

/** The number of lines that one transaction applies. */
const linesMax = 100
/** Contradictions that are kept word for word. */
const contradictionsMax = 100

/**
 * Applies the facts that were read, line by line. A fact is deleted as it is applied, so the next call goes on where
 * one was interrupted.
 *
 * @throws ApplyError if the service cannot apply a fact, SupersededError if another process works on the restore
 */
export async function applyFacts(
  { database, restoring, signal }: ApplyFactsParts,
  lease: Lease,
): Promise<void> {
  while ((await applySomeLines(database, restoring, lease)) > 0) signal.throwIfAborted()
}

export interface ApplyFactsParts {
  readonly database: SqlDatabase
  readonly restoring: RestoreHandler
  /** Ends it between two transactions. */
  readonly signal: AbortSignal
}

async function applySomeLines(
  database: SqlDatabase,
  restoring: RestoreHandler,
  lease: Lease,
): Promise<number> {
  const transaction = database.transaction(async (sql) => {
    await renewLease(sql, lease)
    const rows = await sql.query<FactRow>(takeLines, [linesMax])
    if (rows.length === 0) return 0
    const facts = rows.map((row) => factOf(row, restoring))
    const { applied, contradictions } = await applyAll(sql, restoring, facts)
    await sql.query(count, [
      lease.restoreId,
      applied,
      facts.length - applied - contradictions.length,
      contradictions.length,
      contradictions.slice(0, contradictionsMax),
      contradictionsMax,
    ])
    return rows.length
  })
  return await transaction.catch((error: unknown) => {
    throw isOfEarlierWrite(error) ? new ApplyError('a fact could not be written', { cause: error }) : error
  })
}

async function applyAll(sql: Sql, restoring: RestoreHandler, facts: readonly Fact[]): Promise<Applied> {
  try {
    return await restoring.apply(sql, facts)
  } catch (cause) {
    throw new ApplyError('the facts could not be applied', { cause })
  }
}

interface FactRow {
  readonly type: string
  readonly occurred_at: string
  readonly payload: Uint8Array
  readonly traceparent: string | null
}

function factOf({ type, payload, occurred_at, traceparent }: FactRow, { codec }: RestoreHandler): Fact {
  return {
    type,
    body: codec.decodeBody(type, payload),
    time: new Date(occurred_at),
    traceparent: traceparent ?? undefined,
  }
}

const takeLines = `
  WITH line AS (
    SELECT DISTINCT line FROM restore_fact ORDER BY line LIMIT $1
  ), fact AS (
    DELETE FROM restore_fact USING line WHERE restore_fact.line = line.line
    RETURNING restore_fact.line, type, occurred_at, position, payload, traceparent
  )
  SELECT type, ${isoTime('occurred_at')} AS occurred_at, payload, traceparent
  FROM fact ORDER BY line, fact.occurred_at, position`

const count = `
  UPDATE restore
  SET facts_applied = facts_applied + $2, facts_known = facts_known + $3,
    facts_contradicted = facts_contradicted + $4,
    contradictions = (contradictions || $5::text[])[1:$6::int]
  WHERE restore_id = $1`

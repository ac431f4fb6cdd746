import { expect } from 'chai'
import { createTestDatabase } from '../testing/database.ts'
import type { EntityManager } from './entity-manager.ts'
import { query } from './query.ts'

describe('a plan that was made while its table was small', () => {
  it('reads only the rows that its keys name', async () => {
    const read = await inNewDatabase({}, rowsReadAfterGrowth)
    expect(read).to.equal(wantedKeys.length)
  })

  it('reads the whole table where a service says that it reads whole tables', async () => {
    const read = await inNewDatabase({ readsWholeTables: true }, rowsReadAfterGrowth)
    // A merge join ends at the last key, before the end of the table.
    expect(read).to.be.at.least(grownRows / 2)
  })
})

async function inNewDatabase<T>(
  options: { readonly readsWholeTables?: boolean },
  work: (em: EntityManager) => Promise<T>,
): Promise<T> {
  const test = await createTestDatabase({ entities: [], migrations: [], ...options })
  try {
    return await test.database.transaction(work)
  } finally {
    await test.drop()
  }
}

const grownRows = 20_000
const wantedKeys = Array.from({ length: 20 }, (_, nth) => `key-${nth}`)

/** Plans a look for remembered requests on an empty table, as prepared statements do, and runs it on a large one. */
async function rowsReadAfterGrowth(em: EntityManager): Promise<number> {
  await query(
    em,
    'CREATE TABLE request (subject text, method text, request_id text, PRIMARY KEY (subject, method, request_id))',
    [],
  )
  await query(em, `SET LOCAL plan_cache_mode = 'force_generic_plan'`, [])
  await query(em, prepareLook, [])
  await query(em, executeLook, [])
  await query(
    em,
    `INSERT INTO request SELECT 'key-' || nth, 'HoldSeats', 'r' FROM generate_series(0, $1::int - 1) AS nth`,
    [grownRows],
  )
  const [row] = await query<{ 'QUERY PLAN': [{ Plan: PlanNode }] }>(
    em,
    `EXPLAIN (ANALYZE, FORMAT JSON) ${executeLook}`,
    [],
  )
  if (row === undefined) throw new Error('EXPLAIN returned no plan')
  return rowsReadOf(row['QUERY PLAN'][0].Plan)
}

const prepareLook = `
  PREPARE look (text[]) AS
  SELECT wanted.subject FROM unnest($1) AS wanted (subject)
  WHERE NOT EXISTS (
    SELECT FROM request WHERE subject = wanted.subject AND method = 'HoldSeats' AND request_id = 'r')`

const executeLook = `EXECUTE look ('{${wantedKeys.join(',')}}')`

interface PlanNode {
  readonly 'Relation Name'?: string
  readonly 'Actual Rows': number
  readonly 'Actual Loops': number
  readonly 'Rows Removed by Filter'?: number
  readonly Plans?: readonly PlanNode[]
}

/** The rows that a plan has read from tables. */
function rowsReadOf(node: PlanNode): number {
  const own =
    node['Relation Name'] === undefined
      ? 0
      : node['Actual Loops'] * (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0))
  return (node.Plans ?? []).reduce((sum, child) => sum + rowsReadOf(child), own)
}

import { defaultOutboxTables, relayRights } from '@boxoffice/messaging/sql'
import { expect } from 'chai'
import type { MigrationClass } from '../postgres/migration-class.ts'
import { migrationsTable } from '../postgres/migrations-table.ts'
import { query } from '../postgres/query.ts'
import { appendOnly, type Rights } from '../postgres/rights.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { outcomeOf } from './statement.ts'

/** The fixed columns of messaging, repeated here on purpose: the list of rights cannot test itself. */
const messagingFixed: Readonly<Record<string, readonly string[]>> = {
  outbox: ['message_id', 'topic', 'key', 'type', 'payload', 'headers'],
  consumer_position: [],
  inbox: ['consumer', 'message_id', 'processed_at'],
  dead_letter: ['message_id', 'topic', '"offset"', 'key', 'headers', 'payload'],
  dead_letter_event: ['dead_letter_id', 'action', 'subject', 'detail', 'occurred_at'],
  redrive: ['subject', 'created_at'],
  replay: ['consumer', 'range', 'started_by', 'started_at'],
  restore: ['from_time', 'started_by', 'started_at'],
  request: ['subject', 'method', 'request_id', 'fingerprint', 'resource_id'],
  page_token_key: ['key'],
}

/** Further statements that no service's role may run. */
const messagingForbidden: readonly string[] = [
  'SELECT message_id FROM outbox',
  `INSERT INTO inbox (consumer, message_id, processed_at) VALUES ('x', gen_random_uuid(), 'epoch')`,
  `INSERT INTO page_token_key (key) VALUES (sha256(''))`,
]

/** A condition for the schemas of the business tables and of messaging. */
const isOurs = (column: string): string => `${column} = ANY ('{public,messaging}'::regnamespace[])`

/** The tests of a service's list of rights, on the tables that its migrations create. */
export function describeRights(
  service: string,
  {
    migrations,
    rights,
    fixed,
    forbiddenToo = [],
    restoreOnly = [],
  }: {
    readonly migrations: readonly MigrationClass[]
    readonly rights: Rights
    /** The columns that never change, by table. No row of these tables may be deleted. */
    readonly fixed: Readonly<Record<string, readonly string[]>>
    /** Further statements that the role may not run. */
    readonly forbiddenToo?: readonly string[]
    /** Calls of the owner's functions that are allowed only during a restore. */
    readonly restoreOnly?: readonly string[]
  },
): void {
  const forbidden = '42501'
  const kept = Object.entries(rights.tables).filter(([, privileges]) => privileges === appendOnly)

  describe(`the rights of ${service}`, () => {
    let test: TestDatabase
    before(async () => {
      test = await createTestDatabase({ entities: [], migrations, rights })
    })
    after(() => test.drop())

    it('name every table, each with what the service does there', async () => {
      const rows = await query<{ name: string }>(
        test.database.em(),
        `SELECT relname AS name FROM pg_class WHERE ${isOurs('relnamespace')} AND relkind = ANY ('{r,p,v,m,f}')`,
      )
      const relays = Object.keys(relayRights(defaultOutboxTables)).filter(
        (table) => !(table in rights.tables),
      )
      expect(rows.map((row) => row.name)).to.have.members([
        ...Object.keys(rights.tables),
        ...relays,
        migrationsTable,
        'messaging_migration',
      ])
    })

    it('let neither the service nor its relay change facts', async () => {
      expect(kept.length, 'append-only tables').to.be.greaterThan(2)
      for (const [table] of kept) {
        for (const statement of [
          `UPDATE ${table} SET ${await columnOf(table)} = DEFAULT`,
          `DELETE FROM ${table}`,
          `TRUNCATE ${table} CASCADE`,
          `DROP TABLE ${table} CASCADE`,
          `ALTER TABLE ${table} DISABLE TRIGGER ALL`,
        ]) {
          for (const url of lesserUrls())
            expect(await outcomeOf(url, statement), `${statement} as ${url}`).to.equal(forbidden)
        }
      }
    })

    it('let no one change who, what and how much, whatever the list says', async () => {
      const statements = Object.entries({ ...messagingFixed, ...fixed }).flatMap(([table, columns]) => [
        `DELETE FROM ${table}`,
        ...columns.map((column) => `UPDATE ${table} SET ${column} = DEFAULT`),
      ])
      const { service: url = '' } = test.lesserUrls ?? {}
      for (const statement of [...statements, ...messagingForbidden, ...forbiddenToo])
        expect(await outcomeOf(url, statement), statement).to.equal(forbidden)
    })

    it('let no table be truncated, and no other function of the owner be called', async () => {
      const rows = await query<{ open: string }>(
        test.database.em(),
        `SELECT relname AS open FROM pg_class
         WHERE ${isOurs('relnamespace')} AND relkind = 'r'
           AND (has_table_privilege($1, oid, 'TRUNCATE') OR has_table_privilege($2, oid, 'TRUNCATE'))
         UNION ALL
         SELECT oid::regprocedure::text FROM pg_proc
         WHERE ${isOurs('pronamespace')}
           AND (oid <> ALL ($3::regprocedure[]) AND has_function_privilege($1, oid, 'EXECUTE')
                OR has_function_privilege($2, oid, 'EXECUTE'))`,
        [...lesserUrls().map((url) => new URL(url).username), rights.functions],
      )
      expect(rows.map((row) => row.open)).to.deep.equal([])
    })

    for (const call of restoreOnly) {
      it(`allow corrections of decisions only in a restore: ${call}`, async () => {
        const [service = '', relay = ''] = lesserUrls()
        const restore = `INSERT INTO restore (restore_id, from_time, phase, started_by)
          VALUES (gen_random_uuid(), now(), 'APPLYING', 'ada')`
        expect(await outcomeOf(service, `SELECT ${call}`)).to.equal('55000')
        expect(await outcomeOf(service, `${restore}; SELECT ${call}`)).to.equal('done')
        expect(await outcomeOf(relay, `SELECT ${call}`)).to.equal(forbidden)
      })
    }

    function lesserUrls(): string[] {
      return Object.values(test.lesserUrls ?? {})
    }

    async function columnOf(table: string): Promise<string> {
      const [column] = await query<{ name: string }>(
        test.database.em(),
        `SELECT attname AS name FROM pg_attribute
         WHERE attrelid = to_regclass($1) AND attnum > 0 AND attidentity = '' ORDER BY attnum DESC LIMIT 1`,
        [table],
      )
      return column?.name ?? ''
    }
  })
}

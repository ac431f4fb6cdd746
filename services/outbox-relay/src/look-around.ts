import { parkedTableOf, slotTableOf } from '@boxoffice/messaging/sql'
import type { Database } from './database.ts'
import type { OutboxShard } from './layout.ts'

/** What a relay finds in its database and on its server. {@link decideAccess} decides what follows from it. */
export interface Surroundings {
  readonly inRecovery: boolean
  readonly walLevel: string
  readonly mayReplicate: boolean
  readonly table: OutboxTable | null
  /** Some other schemas with a table of that name. */
  readonly otherSchemas: readonly string[]
  /** The rights that the role needs and lacks: `DELETE on outbox`. */
  readonly lackingRights: readonly string[]
  readonly publication: OutboxPublication | null
  readonly slot: ReplicationSlot | null
}

export interface OutboxTable {
  /** `pg_class.relkind`: r is an ordinary table. */
  readonly kind: string
  /** `pg_class.relpersistence`: u is unlogged. */
  readonly persistence: string
  /** Types by column. */
  readonly columns: Readonly<Record<string, string>>
  readonly hidesRows: boolean
  /** A publication publishes deletions from it, which needs a replica identity that it lacks. */
  readonly refusesDeletions: boolean
}

export interface OutboxPublication {
  readonly inserts: boolean
  readonly hasTable: boolean
  readonly rowFilter: string | null
  /** The columns that it publishes; null on a server that is too old for column lists. */
  readonly columns: readonly string[] | null
}

export interface ReplicationSlot {
  readonly type: string
  readonly plugin: string | null
  readonly isOfThisDatabase: boolean
  readonly temporary: boolean
  readonly twoPhase: boolean
  /** It has been invalidated, and brings no more rows. */
  readonly lost: boolean
  /** Its reader; `gone` if that session has just ended, or is not known yet. */
  readonly reader: 'nobody' | 'relay' | 'stranger' | 'gone'
}

/** Looks up everything that decides how a relay can get at its rows: one statement. */
export async function lookAround(
  database: Database,
  { slotName, publication }: Pick<OutboxShard, 'slotName' | 'publication'>,
): Promise<Surroundings> {
  const { schema, table } = database.names
  const { rows } = await database.query<Surroundings>(lookup, [
    slotName,
    publication,
    `${applicationPrefix}%`,
    schema,
    table,
    parkedTableOf(table),
    slotTableOf(table),
  ])
  const [found] = rows
  if (found === undefined) throw new Error('the server answered a lookup without a row')
  return found
}

/** The beginning of the application name of every relay's sessions. */
export const applicationPrefix = 'outbox-relay-'

// The catalogs differ between versions: a column that an older one lacks is null through to_jsonb.
const lookup = `
  WITH outbox AS (
    SELECT c.* , c.oid AS id FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = $4 AND c.relname = $5
  ), need (name, privilege) AS (
    VALUES ($5::text, 'SELECT'), ($5::text, 'DELETE'), ($6::text, 'SELECT'), ($6::text, 'INSERT'),
      ($7::text, 'SELECT'), ($7::text, 'INSERT'), ($7::text, 'UPDATE')
  )
  SELECT pg_is_in_recovery() AS "inRecovery", current_setting('wal_level') AS "walLevel",
    (SELECT rolreplication OR rolsuper FROM pg_roles WHERE rolname = current_user) AS "mayReplicate",
    (SELECT jsonb_build_object(
       'kind', relkind, 'persistence', relpersistence, 'hidesRows', row_security_active(id),
       'columns', (SELECT jsonb_object_agg(attname, format_type(atttypid, NULL)) FROM pg_attribute
                   WHERE attrelid = id AND attnum > 0 AND NOT attisdropped),
       'refusesDeletions',
         (relreplident = 'n' OR (relreplident = 'd' AND NOT EXISTS (
           SELECT FROM pg_index WHERE indrelid = id AND indisprimary)))
         AND EXISTS (SELECT FROM pg_publication JOIN pg_publication_tables USING (pubname)
                     WHERE pubdelete AND schemaname = $4 AND tablename = $5))
     FROM outbox) AS "table",
    ARRAY(SELECT nspname::text FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
          WHERE relname = $5 AND relkind IN ('r', 'p') AND nspname <> $4 AND NOT starts_with(nspname, 'pg_')
          ORDER BY 1 LIMIT 3) AS "otherSchemas",
    ARRAY(SELECT format('USAGE on schema %s', nspname) FROM pg_namespace
          WHERE nspname = $4 AND NOT has_schema_privilege(oid, 'USAGE')
          UNION ALL
          SELECT format('%s on %s', privilege, name) FROM need
          LEFT JOIN pg_class c ON c.relname = name AND c.relnamespace = (
            SELECT oid FROM pg_namespace WHERE nspname = $4)
          WHERE NOT coalesce(CASE privilege WHEN 'DELETE' THEN has_table_privilege(c.oid, privilege)
                             ELSE has_any_column_privilege(c.oid, privilege) END, false)) AS "lackingRights",
    (SELECT jsonb_build_object('inserts', pubinsert, 'hasTable', t.tablename IS NOT NULL,
       'rowFilter', to_jsonb(t) ->> 'rowfilter', 'columns', to_jsonb(t) -> 'attnames')
     FROM pg_publication p LEFT JOIN pg_publication_tables t
       ON t.pubname = p.pubname AND t.schemaname = $4 AND t.tablename = $5
     WHERE p.pubname = $2) AS publication,
    (SELECT jsonb_build_object('type', slot_type, 'plugin', plugin, 'temporary', temporary,
       'isOfThisDatabase', coalesce(database = current_database(), false),
       'twoPhase', coalesce((to_jsonb(s) ->> 'two_phase')::boolean, false),
       'lost', coalesce(wal_status = 'lost', false) OR to_jsonb(s) ->> 'invalidation_reason' IS NOT NULL,
       'reader', CASE WHEN NOT s.active THEN 'nobody' WHEN a.pid IS NULL THEN 'gone'
         WHEN a.usename = current_user AND a.application_name LIKE $3 THEN 'relay' ELSE 'stranger' END)
     FROM pg_replication_slots s LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid
     WHERE slot_name = $1) AS slot`

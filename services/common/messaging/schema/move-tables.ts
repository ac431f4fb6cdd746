import { literal, quoted } from './outbox-tables.ts'
import type { Place } from './place.ts'

/**
 * SQL that brings the tables of version 1 into the schema of messaging. Rows, indexes, constraints, the sequences of their ids, rights
 * and memberships in publications stay with them. Every statement names its schema: no search path decides where they come from.
 */
export function moveTables({ from, schema, publication }: Place): readonly string[] {
  const [source, target] = [quoted(from), quoted(schema)]
  if (from === schema) return [renamePublications({ schema, publication })]
  return [
    // In the order of a consumer's transaction, so that the two do not wait for each other.
    `LOCK TABLE ${movedTables.map((table) => `${source}.${table}`).join(', ')} IN ACCESS EXCLUSIVE MODE`,
    ...movedTables.map((table) => `ALTER TABLE ${source}.${table} SET SCHEMA ${target}`),
    `ALTER TABLE IF EXISTS ${source}.messaging_migration SET SCHEMA ${target}`,
    `ALTER FUNCTION ${source}.forget_inbox(text, float8, integer) SET SCHEMA ${target}`,
    `ALTER FUNCTION ${target}.forget_inbox(text, float8, integer) SET search_path = pg_catalog, ${target}, pg_temp`,
    addToFixedPaths({ from, schema }),
    renamePublications({ schema, publication }),
  ]
}

/** Those of version 1, whatever later versions have. */
export const movedTables: readonly string[] = [
  'consumer_position',
  'inbox',
  'replay',
  'replay_partition',
  'restore',
  'restore_partition',
  'restore_fact',
  'dead_letter',
  'dead_letter_event',
  'parked_key',
  'redrive',
  'outbox',
  'parked_outbox',
  'outbox_slot',
]

/**
 * Functions of the owner that have stood beside the tables find them still: where their fixed search path names the old schema, it
 * names the new one in front of it. Those of extensions, and of other owners, stay as they are.
 */
function addToFixedPaths({ from, schema }: Pick<Place, 'from' | 'schema'>): string {
  return `DO $do$
    DECLARE
      routine record;
    BEGIN
      FOR routine IN
        SELECT pg_proc.oid::regprocedure AS signature,
          (SELECT string_agg(CASE WHEN btrim(part, '"') = ${literal(from)} THEN ${literal(`${quoted(schema)}, `)} ELSE '' END || part, ', ' ORDER BY nth)
           FROM regexp_split_to_table(substr(setting, length('search_path=') + 1), ', *') WITH ORDINALITY AS parts (part, nth)) AS path,
          setting
        FROM pg_proc, unnest(proconfig) AS setting
        WHERE pronamespace = (SELECT oid FROM pg_namespace WHERE nspname = ${literal(from)})
          AND setting LIKE 'search\\_path=%' AND pg_has_role(proowner, 'USAGE')
          AND NOT EXISTS (SELECT FROM pg_depend
            WHERE classid = 'pg_proc'::regclass AND objid = pg_proc.oid AND deptype = 'e')
      LOOP
        IF 'search_path=' || routine.path <> routine.setting THEN
          EXECUTE format('ALTER ROUTINE %s SET search_path = %s', routine.signature, routine.path);
        END IF;
      END LOOP;
    END $do$`
}

/** Also those of shards. The table stays in them: they know it by its oid. */
function renamePublications({ schema, publication }: Pick<Place, 'schema' | 'publication'>): string {
  return `DO $do$
    DECLARE
      publication record;
    BEGIN
      FOR publication IN
        SELECT pubname AS old, ${literal(publication)} || substr(pubname, length('outbox') + 1) AS new
        FROM pg_publication JOIN pg_publication_rel ON prpubid = pg_publication.oid
        WHERE prrelid = ${literal(`${quoted(schema)}.outbox`)}::regclass AND pubname ~ '^outbox(_[0-9]+of[0-9]+)?$'
      LOOP
        IF publication.old <> publication.new THEN
          EXECUTE format('ALTER PUBLICATION %I RENAME TO %I', publication.old, publication.new);
        END IF;
      END LOOP;
    END $do$`
}

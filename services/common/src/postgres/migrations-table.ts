import type { EntityManager } from '@mikro-orm/postgresql'
import { query } from './query.ts'

/** The table in which MikroORM records applied migrations. */
export const migrationsTable = 'mikro_orm_migrations'

/** Whether migrations have ever run in this database. */
export async function hasMigrationsTable(em: EntityManager): Promise<boolean> {
  const [found] = await query<{ table: string | null }>(em, 'SELECT to_regclass($1)::text AS table', [
    migrationsTable,
  ])
  return found?.table != null
}

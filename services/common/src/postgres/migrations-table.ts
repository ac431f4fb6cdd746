import type { EntityManager } from '@mikro-orm/postgresql'
import { query } from './query.ts'

/** Where MikroORM keeps which migrations have been applied. */
export const migrationsTable = 'mikro_orm_migrations'

/** Whether any migration has ever been looked for in this database. */
export async function hasMigrationsTable(em: EntityManager): Promise<boolean> {
  const [found] = await query<{ table: string | null }>(em, 'SELECT to_regclass($1)::text AS table', [
    migrationsTable,
  ])
  return found?.table != null
}

import type { MigrationClass } from '@boxoffice/common/postgres/database.ts'
import { CreateConcerts } from './migrations/0001-create-concerts.ts'

/** In the order in which they are applied. */
export const migrations: readonly MigrationClass[] = [CreateConcerts]

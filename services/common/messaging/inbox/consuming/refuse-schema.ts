import { waitAtMost } from '@boxoffice/pacing'
import { requireSchema } from '../../schema/require-schema.ts'
import { SchemaError } from '../../schema/schema-error.ts'
import type { SqlDatabase } from '../../sql/sql.ts'

/**
 * Refuses tables of messaging that are missing or of another version. While the database is away, nothing is refused:
 * the consumer waits for it as at any other time.
 *
 * @throws SchemaError
 */
export async function refuseSchema(database: SqlDatabase): Promise<void> {
  const looking = requireSchema(database).catch((error: unknown) => {
    if (error instanceof SchemaError) throw error
  })
  await waitAtMost(lookMsMax, looking)
}

const lookMsMax = 2_000

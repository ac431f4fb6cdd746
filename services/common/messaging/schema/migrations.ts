import { messagingTables } from './messaging-tables.ts'
import { createOutboxPublication, defaultOutboxTables } from './outbox-tables.ts'

export interface Migration {
  /** Counts from 1, without a gap. */
  readonly version: number
  /** @param schema - where the tables are made, as SQL names it */
  statements(schema: string): readonly string[]
}

/** What makes the tables, in order. One that a release has had is never changed: the next one changes the tables. */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    statements: (schema) => [...messagingTables(schema), createOutboxPublication(defaultOutboxTables)],
  },
]

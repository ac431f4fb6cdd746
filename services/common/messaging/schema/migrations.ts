import { messagingTables } from './messaging-tables.ts'
import { moveTables } from './move-tables.ts'
import { createOutboxPublication, defaultOutboxTables, quoted } from './outbox-tables.ts'
import { defaultSchema, type Place } from './place.ts'

export interface Migration {
  /** Counts from 1, without a gap. */
  readonly version: number
  /** The oldest version of the library that works with the tables after it: its own, unless older code does not notice it. */
  readonly needs: number
  statements(place: Place): readonly string[]
}

/**
 * What makes the tables, in order. One that a database has had is never changed, which `npm run check` holds us to: the next one changes
 * the tables. The first names no schema: it is applied with the schema of the tables alone in the search path.
 */
export const migrations: readonly Migration[] = [
  {
    version: 1,
    needs: 1,
    statements: ({ from, publication }) => [
      ...messagingTables(plainly(from)),
      createOutboxPublication({ ...defaultOutboxTables, publication: plainly(publication) }),
    ],
  },
  { version: 2, needs: 2, statements: moveTables },
]

/** The version that this library needs. */
export const messagingVersion = migrations.length

/** The place by which a migration's checksum is reckoned, whatever the place that it is applied to. */
export const referencePlace: Place = { from: 'of_the_service', schema: defaultSchema, publication: 'outbox' }

/** Quoted, as a name may be a reserved word; those of the reference are not, as they never were in the checksum. */
const plainly = (name: string): string =>
  name === referencePlace.from || name === referencePlace.publication ? name : quoted(name)

/** What is wrong with the tables of messaging. A retry does not help; the message says what to do. */
export type SchemaCode =
  /** There are none: `migrateMessaging` was not called. */
  | 'SCHEMA_MISSING'
  /** They are of an older version of the library. */
  | 'SCHEMA_BEHIND'
  /** They are of a newer version of the library, which this one does not work with. */
  | 'SCHEMA_AHEAD'
  /** A migration said something else when it was applied. */
  | 'SCHEMA_CHANGED'
  /** Something else has the name of a table or of the publication. */
  | 'SCHEMA_TAKEN'
  /** The search path does not lead to the schema of messaging. */
  | 'SCHEMA_NOWHERE'
  /** The schema cannot have this name. */
  | 'SCHEMA_NAME'

export class SchemaError extends Error {
  override readonly name = 'SchemaError'
  readonly code: SchemaCode

  constructor(code: SchemaCode, message: string) {
    super(message)
    this.code = code
  }
}

/** Where the tables of messaging are made, or brought to. */
export interface Place {
  /** The schema in which migrations find the tables. */
  readonly from: string
  /** The schema of messaging. */
  readonly schema: string
  /** The publication of the outbox, by its name. */
  readonly publication: string
}

/** The schema of messaging, where the service gives it no other name. */
export const defaultSchema = 'messaging'

/**
 * The name of an outbox' publication, which follows its schema: two outboxes in one database have two. In `public` there is no schema
 * in the name, as there was in none before messaging had a schema of its own.
 */
export function publicationOf(schema: string): string {
  return schema === 'public' ? 'outbox' : `${schema}_outbox`
}

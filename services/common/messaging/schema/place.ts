/** The place in which the tables of messaging are made, or to which they are moved. */
export interface Place {
  /** The schema in which migrations find the tables. */
  readonly from: string
  /** The schema of messaging. */
  readonly schema: string
  /** The name of the outbox' publication. */
  readonly publication: string
}

/** The schema of messaging, unless the service gives it another name. */
export const defaultSchema = 'messaging'

/**
 * The name of an outbox' publication, which follows its schema, so that two outboxes in a database have two. For
 * `public` it is `outbox`, as it was before messaging had a schema of its own.
 */
export function publicationOf(schema: string): string {
  return schema === 'public' ? 'outbox' : `${schema}_outbox`
}

/**
 * The rights of a service's role in its database. The role has no other rights: a table without an entry is closed to
 * it, and the test of its migrations names the table.
 */
export interface Rights {
  /** The privileges of GRANT by table: `SELECT, INSERT, UPDATE (balance)`. Tables of the relay alone are not in it. */
  readonly tables: Readonly<Record<string, string>>
  /** The owner's functions that it may call, with their types: `forget_inbox(text, float8, integer)`. */
  readonly functions: readonly string[]
}

/** The rights on facts that never change. Only a function of the owner may delete or correct them. */
export const appendOnly = 'SELECT, INSERT'

/** The rights of every service on the tables of {@link createMessagingTables}. */
export const messagingRights: Rights = {
  tables: {
    // A service appends, and never reads the outbox.
    outbox: 'INSERT',
    consumer_position: 'SELECT, INSERT, UPDATE',
    replay: 'SELECT, INSERT, UPDATE (phase, ended_at, cancelled_by)',
    replay_partition: 'SELECT, INSERT, UPDATE (next_offset, reread, known, effective, put_aside)',
    restore:
      'SELECT, INSERT, UPDATE (phase, records_unreadable, facts, facts_applied, facts_known, facts_contradicted, contradictions, replay_id, ended_at, runner, heard_at, error)',
    restore_partition: 'SELECT, INSERT, UPDATE (from_offset, next_offset, until_offset, gone, topic_id)',
    // Applied facts are deleted.
    restore_fact: 'SELECT, INSERT, DELETE',
    // The database sets the time of an id, so a service cannot make an id look older than it is.
    inbox: 'SELECT, INSERT (consumer, message_id)',
    dead_letter: 'SELECT, INSERT, UPDATE (state, outcome, reason, error, attempts)',
    dead_letter_event: appendOnly,
    // Locking a key, to keep it as it is, needs the right to update some column of it.
    parked_key: 'SELECT, INSERT, UPDATE (parked_at), DELETE',
    redrive: 'SELECT, INSERT, UPDATE (receipt)',
    request: appendOnly,
    page_token_key: 'SELECT',
  },
  functions: ['forget_inbox(text, float8, integer)'],
}

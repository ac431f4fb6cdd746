/**
 * What a service's role may do in its database. Whatever is not named here it may not do: a table without an entry is closed
 * to it, and the test of its migrations names the table.
 */
export interface Rights {
  /** By table, what GRANT calls privileges: `SELECT, INSERT, UPDATE (balance)`. Nothing in it is a table of the relay's alone. */
  readonly tables: Readonly<Record<string, string>>
  /** Functions of the owner that it may call, with their types: `forget_inbox(text, float8, integer)`. */
  readonly functions: readonly string[]
}

/** For what happened once and stays so. To forget or to correct it is left to a function of the owner. */
export const appendOnly = 'SELECT, INSERT'

/** What every service does with the tables that {@link createMessagingTables} makes. */
export const messagingRights: Rights = {
  tables: {
    // It appends, and never looks back.
    outbox: 'INSERT',
    consumer_position: 'SELECT, INSERT, UPDATE',
    replay: 'SELECT, INSERT, UPDATE (phase, ended_at, cancelled_by)',
    replay_partition: 'SELECT, INSERT, UPDATE (next_offset, reread, known, effective, put_aside)',
    restore:
      'SELECT, INSERT, UPDATE (phase, records_unreadable, facts, facts_applied, facts_known, facts_contradicted, contradictions, replay_id, ended_at, runner, heard_at, error)',
    restore_partition: 'SELECT, INSERT, UPDATE (from_offset, next_offset, until_offset, gone, topic_id)',
    // What is applied is not there any more.
    restore_fact: 'SELECT, INSERT, DELETE',
    // When an id came is the database's word: a service cannot make one look older than it is.
    inbox: 'SELECT, INSERT (consumer, message_id)',
    dead_letter: 'SELECT, INSERT, UPDATE (state, outcome, reason, error, attempts)',
    dead_letter_event: appendOnly,
    // To lock a key, which is to keep it as it is, PostgreSQL asks for the right to change something of it.
    parked_key: 'SELECT, INSERT, UPDATE (parked_at), DELETE',
    redrive: 'SELECT, INSERT, UPDATE (receipt)',
    request: appendOnly,
    page_token_key: 'SELECT',
  },
  functions: ['forget_inbox(text, float8, integer)'],
}

/** The tables and the publication of one outbox, as SQL names them. */
export interface OutboxTables {
  /** A row is a message that may not be in Kafka yet. */
  readonly outbox: string
  /** Messages that Kafka refuses for good, and those that wait behind them. */
  readonly parkedOutbox: string
  /** What a relay notes about its replication slots. */
  readonly outboxSlot: string
  readonly publication: string
}

/** How a service's operator names an outbox. */
export interface OutboxNames {
  readonly schema: string
  readonly table: string
  readonly publication: string
}

/** An outbox under its usual names, found through the search path. Its publication is named by its schema (`publicationOf`). */
export const defaultOutboxTables: Omit<OutboxTables, 'publication'> = {
  outbox: 'outbox',
  parkedOutbox: 'parked_outbox',
  outboxSlot: 'outbox_slot',
}

/** The same with names of an operator's choice: quoted, and found whatever the search path is. */
export function outboxTables({ schema, table, publication }: OutboxNames): OutboxTables {
  const inSchema = (name: string): string => `${quoted(schema)}.${quoted(name)}`
  return {
    outbox: inSchema(table),
    parkedOutbox: inSchema(parkedTableOf(table)),
    outboxSlot: inSchema(slotTableOf(table)),
    publication: quoted(publication),
  }
}

/** A name as SQL has it, whatever is in it. */
export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text as SQL has it, whatever is in it; in front of a backslash stands an E. */
export function literal(text: string): string {
  return `${text.includes('\\') ? 'E' : ''}'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}

/** The table that stands beside the outbox for parked messages. */
export function parkedTableOf(table: string): string {
  return `parked_${table}`
}

/** The table that stands beside the outbox for the relay's slots. */
export function slotTableOf(table: string): string {
  return `${table}_slot`
}

/** SQL that makes the tables of an outbox. */
export function createOutboxTables({
  outbox,
  parkedOutbox,
  outboxSlot,
}: Omit<OutboxTables, 'publication'>): string[] {
  return [
    `CREATE TABLE ${outbox} (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    topic      text NOT NULL,
    key        bytea,
    type       text NOT NULL,
    payload    bytea,
    headers    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
    `COMMENT ON TABLE ${outbox} IS 'A row is a message not yet known to be published; the relay deletes it after Kafka has it'`,
    `CREATE TABLE ${parkedOutbox} (
    id         bigint PRIMARY KEY,
    message_id uuid NOT NULL,
    topic      text NOT NULL,
    key        bytea,
    type       text NOT NULL,
    payload    bytea,
    headers    jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    error      text NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT now()
  )`,
    `COMMENT ON TABLE ${parkedOutbox} IS 'Messages that Kafka refuses for good, and later ones of their topic and key, which wait for them'`,
    `CREATE TABLE ${outboxSlot} (
    slot_name text PRIMARY KEY,
    scanned   boolean NOT NULL
  )`,
    `COMMENT ON TABLE ${outboxSlot} IS 'Whether the rows from before the replication slot began have been published'`,
  ]
}

/** SQL that lets a replication slot bring the inserts into the outbox. */
export function createOutboxPublication({
  publication,
  outbox,
}: Pick<OutboxTables, 'publication' | 'outbox'>): string {
  return `CREATE PUBLICATION ${publication} FOR TABLE ${outbox} WITH (publish = 'insert')`
}

/** What a relay does with each table, as GRANT calls it. It reads the log by replication, an attribute of its role. */
export function relayRights({
  outbox,
  parkedOutbox,
  outboxSlot,
}: Omit<OutboxTables, 'publication'>): Record<string, string> {
  return {
    [outbox]: 'SELECT, DELETE',
    [parkedOutbox]: 'SELECT, INSERT',
    [outboxSlot]: 'SELECT, INSERT, UPDATE',
  }
}

/**
 * The tables that stand beside the business tables in every service's database and change in the same transactions:
 * outbox, parked_outbox, outbox_slot, consumer_position, inbox, dead_letter, request. Each service's first migration creates them.
 */
export const createMessagingTables: readonly string[] = [
  `CREATE TABLE outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    message_id uuid NOT NULL,
    topic      text NOT NULL,
    key        bytea,
    type       text NOT NULL,
    payload    bytea,
    headers    jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `COMMENT ON TABLE outbox IS 'A row is a message not yet known to be published; the relay deletes it after Kafka has it'`,
  `CREATE TABLE parked_outbox (
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
  `COMMENT ON TABLE parked_outbox IS 'Messages that Kafka refuses for good, and later ones of their topic and key, which wait for them'`,
  `CREATE TABLE outbox_slot (
    slot_name text PRIMARY KEY,
    scanned   boolean NOT NULL
  )`,
  `COMMENT ON TABLE outbox_slot IS 'Whether the rows from before the replication slot began have been published'`,
  `CREATE TABLE consumer_position (
    consumer    text NOT NULL,
    topic       text NOT NULL,
    partition   integer NOT NULL,
    next_offset bigint NOT NULL,
    PRIMARY KEY (consumer, topic, partition)
  )`,
  `COMMENT ON TABLE consumer_position IS 'Where a consumer stands, moved by the transaction that did the work'`,
  `CREATE TABLE inbox (
    consumer     text NOT NULL,
    message_id   uuid NOT NULL,
    processed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (consumer, message_id)
  )`,
  `CREATE INDEX inbox_processed_at ON inbox USING brin (processed_at)`,
  `CREATE TABLE dead_letter (
    dead_letter_id uuid PRIMARY KEY,
    consumer       text NOT NULL,
    message_id     uuid NOT NULL,
    topic          text NOT NULL,
    partition      integer NOT NULL,
    "offset"       bigint NOT NULL,
    key            bytea,
    headers        bytea NOT NULL,
    payload        bytea,
    type           text,
    reason         text NOT NULL,
    error          text NOT NULL,
    attempts       integer NOT NULL,
    put_aside_at   timestamptz NOT NULL DEFAULT now(),
    UNIQUE (consumer, message_id)
  )`,
  `COMMENT ON COLUMN dead_letter.headers IS 'JSON list of [name, value] in base64, so that any bytes can stand there'`,
  `CREATE TABLE request (
    subject     text NOT NULL,
    method      text NOT NULL,
    request_id  uuid NOT NULL,
    fingerprint bytea NOT NULL,
    resource_id uuid NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (subject, method, request_id)
  )`,
  `CREATE PUBLICATION outbox FOR TABLE outbox WITH (publish = 'insert')`,
]

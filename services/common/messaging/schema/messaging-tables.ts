import { createOutboxTables, defaultOutboxTables } from './outbox-tables.ts'

/**
 * SQL that makes the tables of messaging where the search path says: outbox, parked_outbox, outbox_slot, consumer_position, replay,
 * restore, inbox, dead_letter, parked_key, redrive. They change in the same transactions as the business tables.
 *
 * @param schema - where they are made, as SQL names it
 */
export function messagingTables(schema: string): readonly string[] {
  return [
    ...createOutboxTables(defaultOutboxTables),
    `CREATE TABLE consumer_position (
      consumer     text NOT NULL,
      topic        text NOT NULL,
      partition    integer NOT NULL,
      next_offset  bigint NOT NULL,
      replay_until bigint,
      topic_id     uuid,
      accepted_at  timestamptz,
      PRIMARY KEY (consumer, topic, partition)
    )`,
    `COMMENT ON TABLE consumer_position IS 'Where a consumer stands, moved by the transaction that did the work'`,
    `COMMENT ON COLUMN consumer_position.replay_until IS 'Where it stood before the running replay; null once it is back there'`,
    `COMMENT ON COLUMN consumer_position.topic_id IS 'Whose offsets these are: a topic that is created again under the name has another id'`,
    `COMMENT ON COLUMN consumer_position.accepted_at IS 'When an operator let it go on in a topic that was created again; null before the first time'`,
    `CREATE TABLE replay (
      replay_id    uuid PRIMARY KEY,
      consumer     text NOT NULL,
      range        jsonb NOT NULL,
      phase        text NOT NULL CHECK (phase IN ('RUNNING', 'DONE', 'CANCELLED')),
      started_by   text NOT NULL,
      started_at   timestamptz NOT NULL DEFAULT now(),
      ended_at     timestamptz CHECK ((ended_at IS NULL) = (phase = 'RUNNING')),
      cancelled_by text CHECK ((cancelled_by IS NULL) = (phase <> 'CANCELLED'))
    )`,
    `CREATE UNIQUE INDEX replay_running ON replay (consumer) WHERE phase = 'RUNNING'`,
    `CREATE TABLE replay_partition (
      replay_id     uuid NOT NULL REFERENCES replay,
      topic         text NOT NULL,
      partition     integer NOT NULL,
      target_offset bigint NOT NULL,
      next_offset   bigint NOT NULL,
      until_offset  bigint NOT NULL,
      end_offset    bigint NOT NULL,
      gone          bigint NOT NULL,
      reread        bigint NOT NULL DEFAULT 0,
      known         bigint NOT NULL DEFAULT 0,
      effective     bigint NOT NULL DEFAULT 0,
      put_aside     bigint NOT NULL DEFAULT 0,
      PRIMARY KEY (replay_id, topic, partition)
    )`,
    `COMMENT ON TABLE replay_partition IS 'How far a replay is; counted by the transactions that read again'`,
    `CREATE TABLE restore (
      restore_id         uuid PRIMARY KEY,
      from_time          timestamptz NOT NULL,
      phase              text NOT NULL CHECK (phase IN ('READING', 'APPLYING', 'DONE')),
      records_unreadable bigint NOT NULL DEFAULT 0,
      facts              bigint NOT NULL DEFAULT 0,
      facts_applied      bigint NOT NULL DEFAULT 0,
      facts_known        bigint NOT NULL DEFAULT 0,
      facts_contradicted bigint NOT NULL DEFAULT 0,
      contradictions     text[] NOT NULL DEFAULT '{}',
      replay_id          uuid REFERENCES replay,
      started_by         text NOT NULL,
      started_at         timestamptz NOT NULL DEFAULT now(),
      ended_at           timestamptz CHECK ((ended_at IS NULL) = (phase <> 'DONE')),
      runner             uuid,
      heard_at           timestamptz,
      error              text NOT NULL DEFAULT ''
    )`,
    `COMMENT ON COLUMN restore.runner IS 'Who works on it, and was last heard of at heard_at; after a while of silence somebody else may'`,
    `CREATE UNIQUE INDEX restore_running ON restore ((true)) WHERE phase <> 'DONE'`,
    `CREATE TABLE restore_partition (
      restore_id   uuid NOT NULL REFERENCES restore,
      topic        text NOT NULL,
      partition    integer NOT NULL,
      from_offset  bigint NOT NULL,
      next_offset  bigint NOT NULL,
      until_offset bigint NOT NULL,
      gone         bigint NOT NULL,
      topic_id     uuid,
      PRIMARY KEY (restore_id, topic, partition)
    )`,
    `COMMENT ON TABLE restore_partition IS 'How far a restore has read what the service has published'`,
    `COMMENT ON COLUMN restore_partition.gone IS 'Offsets that retention, or the end of their topic, has removed and that may have been to be read, at most'`,
    `CREATE TABLE restore_fact (
      message_id  uuid PRIMARY KEY,
      position    bigint GENERATED ALWAYS AS IDENTITY,
      line        text NOT NULL,
      type        text NOT NULL,
      occurred_at timestamptz NOT NULL,
      payload     bytea NOT NULL,
      traceparent text
    )`,
    `COMMENT ON TABLE restore_fact IS 'What a restore has read and not applied yet; facts of one line are applied together'`,
    `CREATE INDEX restore_fact_line ON restore_fact (line, occurred_at, position)`,
    `CREATE TABLE inbox (
      consumer     text NOT NULL,
      message_id   uuid NOT NULL,
      processed_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (consumer, message_id)
    )`,
    // Not BRIN: its ranges never shrink, so that once pruned pages are filled again it excludes nothing.
    `CREATE INDEX inbox_oldest ON inbox (consumer, processed_at)`,
    `CREATE TABLE dead_letter (
      dead_letter_id uuid PRIMARY KEY,
      position       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
      consumer       text NOT NULL,
      message_id     uuid NOT NULL,
      topic          text NOT NULL,
      partition      integer NOT NULL,
      "offset"       bigint NOT NULL,
      topic_id       uuid,
      key            bytea,
      parks_key      boolean NOT NULL DEFAULT true,
      headers        bytea NOT NULL,
      payload        bytea,
      payload_bytes  bigint,
      payload_sha256 bytea,
      type           text,
      reason         text NOT NULL,
      error          text NOT NULL,
      attempts       integer NOT NULL,
      state          text NOT NULL DEFAULT 'PUT_ASIDE' CHECK (state IN ('PUT_ASIDE', 'REDRIVEN', 'DISCARDED')),
      outcome        text CHECK (outcome IN ('REFUSED', 'DONE')),
      put_aside_at   timestamptz NOT NULL DEFAULT now(),
      UNIQUE (consumer, message_id),
      CHECK (outcome IS NULL OR state = 'DISCARDED'),
      CHECK ((payload_bytes IS NULL) = (payload_sha256 IS NULL))
    )`,
    `COMMENT ON COLUMN dead_letter.payload_bytes IS 'How long the payload was, where only its beginning is kept'`,
    `COMMENT ON COLUMN dead_letter.headers IS 'JSON list of [name, value] in base64, so that any bytes can stand there'`,
    `COMMENT ON COLUMN dead_letter.parks_key IS 'Whether later messages of its key wait behind it; not behind a record that breaks its contract'`,
    `CREATE INDEX dead_letter_put_aside ON dead_letter (consumer, topic, sha256(key), position) WHERE state = 'PUT_ASIDE'`,
    `CREATE TABLE dead_letter_event (
      event_id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      dead_letter_id uuid NOT NULL REFERENCES dead_letter,
      action         text NOT NULL CHECK (action IN ('REDRIVE_FAILED', 'REDRIVEN', 'DISCARDED')),
      subject        text NOT NULL,
      detail         text NOT NULL,
      redrive_id     uuid,
      occurred_at    timestamptz NOT NULL DEFAULT now()
    )`,
    `CREATE INDEX dead_letter_event_of ON dead_letter_event (dead_letter_id, event_id)`,
    `CREATE INDEX dead_letter_event_redrive ON dead_letter_event (redrive_id) WHERE redrive_id IS NOT NULL`,
    // Forgetting is the owner's, so that who has broken into a service cannot let every message have its effect again. A day is
    // the least that any topic asks for. Replicas prune at the same time: what one has locked, the others pass over.
    `CREATE FUNCTION forget_inbox(of_consumer text, retention_ms float8, ids_max integer) RETURNS integer
      LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ${schema}, pg_temp AS $body$
      DECLARE
        forgotten integer;
      BEGIN
        IF (retention_ms >= 86400000 AND ids_max BETWEEN 1 AND 5000) IS NOT TRUE THEN
          RAISE EXCEPTION 'an inbox keeps its ids for a day at least, and forgets 5000 at a time at most'
            USING ERRCODE = 'invalid_parameter_value';
        END IF;
        DELETE FROM inbox
        WHERE consumer = of_consumer AND message_id IN (
          SELECT message_id FROM inbox AS old
          WHERE consumer = of_consumer
            AND processed_at < clock_timestamp() - retention_ms * interval '1 ms'
            AND NOT EXISTS (
              SELECT FROM dead_letter
              WHERE dead_letter.consumer = old.consumer AND dead_letter.message_id = old.message_id
            )
          ORDER BY processed_at
          LIMIT ids_max
          FOR UPDATE SKIP LOCKED
        );
        GET DIAGNOSTICS forgotten = ROW_COUNT;
        RETURN forgotten;
      END $body$`,
    `COMMENT ON FUNCTION forget_inbox IS 'Forgets the oldest ids of a consumer, but never those of dead letters'`,
    `CREATE TABLE parked_key (
      consumer  text NOT NULL,
      topic     text NOT NULL,
      key_hash  bytea NOT NULL,
      key       bytea NOT NULL,
      parked_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (consumer, topic, key_hash)
    )`,
    `COMMENT ON TABLE parked_key IS 'Keys of which something is put aside: later messages are put aside too. By SHA-256, as a key may be longer than an index entry'`,
    `CREATE TABLE redrive (
      redrive_id uuid PRIMARY KEY,
      subject    text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      receipt    bytea
    )`,
    `COMMENT ON COLUMN redrive.receipt IS 'What was answered; null until it has ended, and a repeated request goes on'`,
  ]
}

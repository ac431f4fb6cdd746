import { createMessagingTables } from '@boxoffice/common/postgres/messaging-tables.ts'
import { Migration } from '@mikro-orm/migrations'

export class CreateTrail extends Migration {
  override up(): void {
    for (const statement of [...createMessagingTables, ...createTables]) this.addSql(statement)
  }
}

const createTables = [
  `CREATE TABLE message (
    position     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    recorded_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    topic        text NOT NULL,
    partition    integer NOT NULL,
    "offset"     bigint NOT NULL,
    message_id   uuid,
    cause_id     uuid,
    payment_id   uuid,
    type         text NOT NULL,
    source       text NOT NULL,
    key          text,
    headers      jsonb NOT NULL,
    payload      bytea,
    problem      text,
    made_at      timestamptz NOT NULL,
    published_at timestamptz NOT NULL,
    topic_id     uuid,
    UNIQUE NULLS NOT DISTINCT (topic, partition, "offset", topic_id)
  )`,
  `COMMENT ON COLUMN message.position IS 'In the order of commits: whoever has read up to one has missed nothing before it'`,
  `COMMENT ON COLUMN message.topic_id IS 'A topic that is deleted and created again has the same offsets, and another id'`,
  `COMMENT ON COLUMN message.made_at IS 'ce_time, by the clock of whoever made it'`,
  `COMMENT ON COLUMN message.published_at IS 'When its broker appended it'`,
  `CREATE INDEX message_of_payment ON message (payment_id, position) WHERE payment_id IS NOT NULL`,
  `CREATE TABLE payment (
    payment_id     uuid PRIMARY KEY,
    user_id        text,
    reservation_id uuid,
    amount         bigint,
    status         text,
    failure_reason text,
    points         text,
    seats          text,
    refund         text,
    sequence       integer NOT NULL DEFAULT 0,
    final          boolean NOT NULL DEFAULT false,
    created_at     timestamptz,
    updated_at     timestamptz,
    recorded_at    timestamptz NOT NULL,
    judged_at      timestamptz,
    faults         text[] NOT NULL DEFAULT '{}'
  )`,
  `COMMENT ON COLUMN payment.status IS 'Null while only answers about it have been read'`,
  `COMMENT ON COLUMN payment.recorded_at IS 'When the last message about it was read'`,
  `COMMENT ON COLUMN payment.judged_at IS 'When its books were looked at; null if something was read since, or it is not final'`,
  `CREATE INDEX payment_newest ON payment (created_at DESC, payment_id) WHERE status IS NOT NULL`,
  `CREATE INDEX payment_of_user ON payment (user_id, created_at DESC)`,
  `CREATE INDEX payment_open ON payment (created_at) WHERE NOT final`,
  `CREATE INDEX payment_unjudged ON payment (recorded_at) WHERE final AND judged_at IS NULL`,
  `CREATE INDEX payment_faulty ON payment (payment_id) WHERE faults <> '{}'`,
  `CREATE INDEX payment_updated ON payment (updated_at)`,
  `CREATE TABLE transition (
    payment_id     uuid NOT NULL,
    sequence       integer NOT NULL,
    status         text NOT NULL,
    failure_reason text,
    refund         text NOT NULL,
    occurred_at    timestamptz NOT NULL,
    PRIMARY KEY (payment_id, sequence)
  )`,
  `CREATE TABLE ledger_entry (
    message_id  uuid PRIMARY KEY,
    user_id     text NOT NULL,
    payment_id  uuid,
    kind        text NOT NULL CHECK (kind IN ('CHARGE', 'DEBIT', 'REFUND')),
    amount      bigint NOT NULL,
    balance     bigint NOT NULL,
    occurred_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  // A question that is asked again is answered again: the first answer tells of the debit, the others only repeat it.
  `CREATE UNIQUE INDEX ledger_entry_once ON ledger_entry (payment_id, kind) WHERE payment_id IS NOT NULL`,
  `CREATE INDEX ledger_entry_of_user ON ledger_entry (user_id, occurred_at)`,
  `CREATE TABLE sale (
    concert_id uuid NOT NULL,
    seat       text NOT NULL,
    payment_id uuid NOT NULL,
    price      bigint NOT NULL,
    PRIMARY KEY (concert_id, seat, payment_id)
  )`,
  `COMMENT ON COLUMN sale.price IS 'Of the whole reservation'`,
  `CREATE INDEX sale_of_payment ON sale (payment_id)`,
  `CREATE TABLE reservation (
    reservation_id uuid PRIMARY KEY,
    concert_id     uuid NOT NULL,
    user_id        text NOT NULL,
    seats          text[] NOT NULL,
    total_price    bigint NOT NULL,
    status         text NOT NULL,
    version        integer NOT NULL
  )`,
  `CREATE TABLE rebuild (
    rebuild_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subject      text NOT NULL CHECK (length(subject) BETWEEN 1 AND 128),
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    records      bigint NOT NULL,
    lost         bigint NOT NULL
  )`,
  `COMMENT ON TABLE rebuild IS 'Who had the trail forgotten and built again; written by rebuild_trail alone, and never forgotten'`,
  `COMMENT ON COLUMN rebuild.lost IS 'Of the records that the trail had, those that the topics held no longer'`,
  // The console may only append. To forget is the owner's, together with the order to read again and the note of who asked.
  `CREATE FUNCTION rebuild_trail(of_consumer text, asked_by text, topics text[], partitions integer[], begins bigint[],
      topic_ids uuid[], lost_max bigint, OUT records bigint, OUT lost bigint, OUT done boolean)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
    BEGIN
      -- Whoever moves a position waits, and has not touched anything else yet: the order is that of the consumer.
      LOCK TABLE consumer_position IN SHARE ROW EXCLUSIVE MODE;
      SELECT count(*), count(*) FILTER (WHERE place.partition IS NULL OR message."offset" < place.begins_at
          OR message.topic_id <> place.current_id) INTO records, lost
      FROM message LEFT JOIN unnest(topics, partitions, begins, topic_ids) AS place (topic, partition, begins_at, current_id)
        ON message.topic = place.topic AND message.partition = place.partition;
      done := lost <= lost_max;
      IF NOT done THEN
        RETURN;
      END IF;
      UPDATE consumer_position AS position SET next_offset = place.begins_at,
        accepted_at = CASE WHEN position.topic_id <> place.current_id THEN now() ELSE position.accepted_at END,
        topic_id = coalesce(place.current_id, position.topic_id)
      FROM unnest(topics, partitions, begins, topic_ids) AS place (topic, partition, begins_at, current_id)
      WHERE position.consumer = of_consumer AND position.topic = place.topic AND position.partition = place.partition;
      -- Those of partitions that the topic no longer has: if it has them again one day, all is to be read.
      UPDATE consumer_position AS position SET next_offset = 0, accepted_at = now(), topic_id = present.current_id
      FROM (SELECT DISTINCT place.topic, place.current_id FROM unnest(topics, topic_ids) AS place (topic, current_id)) AS present
      WHERE position.consumer = of_consumer AND position.topic = present.topic
        AND position.topic_id <> present.current_id;
      TRUNCATE message, payment, transition, ledger_entry, sale, reservation, inbox;
      INSERT INTO rebuild (subject, records, lost) VALUES (asked_by, records, lost);
    END $body$`,
  `COMMENT ON FUNCTION rebuild_trail IS 'Forgets all that was made from the topics, and has it made from them again'`,
]

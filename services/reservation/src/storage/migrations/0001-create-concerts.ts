import { createMessagingTables, refuseUnlessRestoring } from '@boxoffice/common/postgres/messaging-tables.ts'
import { Migration } from '@mikro-orm/migrations'

export class CreateConcerts extends Migration {
  override up(): void {
    for (const statement of [...createMessagingTables, ...createTables]) this.addSql(statement)
  }
}

const createTables = [
  `CREATE TABLE concert (
    concert_id  uuid PRIMARY KEY,
    position    bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    title       text NOT NULL,
    start_time  timestamptz NOT NULL,
    sections    jsonb NOT NULL,
    seats_total integer NOT NULL CHECK (seats_total BETWEEN 1 AND 20000),
    created_at  timestamptz NOT NULL DEFAULT clock_timestamp()
  )`,
  `CREATE TABLE reservation (
    reservation_id uuid PRIMARY KEY,
    user_id        text NOT NULL,
    concert_id     uuid NOT NULL,
    seats          text[] NOT NULL CHECK (cardinality(seats) > 0),
    total_price    bigint NOT NULL CHECK (total_price > 0),
    state          text NOT NULL CHECK (state IN ('HELD', 'SOLD', 'RELEASED')),
    held_until     timestamptz NOT NULL,
    payment_id     uuid UNIQUE,
    version        integer NOT NULL CHECK (version > 0),
    created_at     timestamptz NOT NULL,
    CHECK ((state = 'SOLD') = (payment_id IS NOT NULL))
  )`,
  `COMMENT ON COLUMN reservation.state IS 'That a hold lapsed is not stored: HELD with held_until in the past is EXPIRED'`,
  // One row a seat, and one reservation in it: two live holds of a seat cannot be written down.
  `CREATE TABLE seat (
    concert_id     uuid NOT NULL REFERENCES concert,
    seat           text NOT NULL,
    position       integer NOT NULL,
    price          bigint NOT NULL CHECK (price > 0),
    reservation_id uuid REFERENCES reservation,
    held_until     timestamptz,
    sold           boolean NOT NULL DEFAULT false,
    PRIMARY KEY (concert_id, seat),
    UNIQUE (concert_id, position),
    CHECK ((reservation_id IS NULL) = (held_until IS NULL)),
    CHECK (reservation_id IS NOT NULL OR NOT sold)
  )`,
  `COMMENT ON TABLE seat IS 'Free if not sold and never held, or if its hold has lapsed by the clock of this database'`,
  `CREATE INDEX seat_taken ON seat (concert_id, sold, held_until) WHERE reservation_id IS NOT NULL`,
  // The second lock on the same door: whatever a defect writes into seat, a seat is sold once.
  `CREATE TABLE sale (
    concert_id     uuid NOT NULL,
    seat           text NOT NULL,
    reservation_id uuid NOT NULL REFERENCES reservation,
    payment_id     uuid NOT NULL,
    sold_at        timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (concert_id, seat),
    FOREIGN KEY (concert_id, seat) REFERENCES seat
  )`,
  `CREATE TABLE confirmation (
    payment_id     uuid PRIMARY KEY,
    reservation_id uuid NOT NULL,
    refusal        text CHECK (refusal IN ('UNKNOWN_RESERVATION', 'NOT_HOLDER', 'ALREADY_SOLD', 'RELEASED',
                                           'HOLD_EXPIRED', 'AMOUNT_MISMATCH', 'DISCARDED')),
    decided_at     timestamptz NOT NULL
  )`,
  `COMMENT ON TABLE confirmation IS 'What was decided for each payment, kept so that a repeated question gets the same answer'`,
  `CREATE UNIQUE INDEX confirmation_sold_once ON confirmation (reservation_id) WHERE refusal IS NULL`,
  `CREATE FUNCTION restore_confirmations(payment_ids uuid[], reservation_ids uuid[], refusals text[], times timestamptz[])
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
    BEGIN
      ${refuseUnlessRestoring}
      INSERT INTO confirmation (payment_id, reservation_id, refusal, decided_at)
      SELECT * FROM unnest(payment_ids, reservation_ids, refusals, times)
      ON CONFLICT (payment_id) DO UPDATE SET refusal = excluded.refusal, decided_at = excluded.decided_at;
    END $body$`,
  `COMMENT ON FUNCTION restore_confirmations IS 'Writes what was decided as it was published, also over what a backup says'`,
]

import { Migration } from '@mikro-orm/migrations'

export class KnowReservations extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const statements = [
  // A stranger's payment for a reservation is refused in the end, and is not to keep its holder from paying meanwhile.
  `DROP INDEX payment_one_unfailed`,
  `CREATE UNIQUE INDEX payment_one_unfailed ON payment (reservation_id, user_id) WHERE status <> 'FAILED'`,
  `CREATE TABLE known_reservation (
    reservation_id uuid PRIMARY KEY,
    user_id        text NOT NULL,
    total_price    bigint NOT NULL,
    state          text NOT NULL CHECK (state IN ('HELD', 'SOLD', 'RELEASED')),
    held_until     timestamptz NOT NULL,
    version        integer NOT NULL
  )`,
  `COMMENT ON TABLE known_reservation IS 'What reservation-events have told, so that a checkout that reservation would refuse is refused at once. A row that is missing refuses nothing'`,
  `CREATE INDEX known_reservation_oldest ON known_reservation (held_until)`,
]

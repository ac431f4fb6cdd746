import { Migration } from '@mikro-orm/migrations'

export class LimitHolds extends Migration {
  override up(): void {
    for (const statement of statements) this.addSql(statement)
  }
}

const statements = [
  // Concerts from before the limit get what is the service's default; new ones always say.
  `ALTER TABLE concert ADD COLUMN seats_per_user_max integer NOT NULL DEFAULT 8
    CHECK (seats_per_user_max BETWEEN 1 AND 20000)`,
  `ALTER TABLE concert ALTER COLUMN seats_per_user_max DROP DEFAULT`,
  `COMMENT ON COLUMN concert.seats_per_user_max IS 'Seats that one user may hold or buy'`,
  // What one user has, however long the user's past: the holds that are open or have ended lately, and the sales.
  `CREATE INDEX reservation_holds ON reservation (user_id, held_until) WHERE state <> 'SOLD'`,
  `CREATE INDEX reservation_sales ON reservation (user_id, concert_id) WHERE state = 'SOLD'`,
]

import { createMessagingTables } from '@boxoffice/common/postgres/messaging-tables.ts'
import { Migration } from '@mikro-orm/migrations'

export class CreateWallets extends Migration {
  override up(): void {
    for (const statement of [...createMessagingTables, ...createTables]) this.addSql(statement)
  }
}

const createTables = [
  `CREATE TABLE wallet (
    user_id text PRIMARY KEY,
    balance bigint NOT NULL CHECK (balance >= 0)
  )`,
  `CREATE TABLE debit (
    payment_id uuid PRIMARY KEY,
    user_id    text NOT NULL,
    amount     bigint NOT NULL CHECK (amount > 0),
    refusal    text CHECK (refusal IN ('INSUFFICIENT_POINTS', 'UNKNOWN_WALLET', 'CANCELLED', 'DISCARDED')),
    refunded   bigint CHECK (refunded >= 0),
    CHECK (refusal IS NULL OR coalesce(refunded, 0) = 0)
  )`,
  `COMMENT ON TABLE debit IS 'What was decided for each payment, kept so that a repeated question gets the same answer'`,
  `CREATE TABLE ledger_entry (
    transaction_id uuid PRIMARY KEY,
    position       bigint GENERATED ALWAYS AS IDENTITY,
    user_id        text NOT NULL REFERENCES wallet,
    kind           text NOT NULL CHECK (kind IN ('CHARGE', 'DEBIT', 'REFUND')),
    amount         bigint NOT NULL CHECK (amount > 0),
    balance        bigint NOT NULL CHECK (balance >= 0),
    payment_id     uuid,
    created_at     timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT ledger_entry_once UNIQUE (payment_id, kind),
    CHECK ((kind = 'CHARGE') = (payment_id IS NULL))
  )`,
  `CREATE INDEX ledger_entry_newest ON ledger_entry (user_id, position DESC)`,
]

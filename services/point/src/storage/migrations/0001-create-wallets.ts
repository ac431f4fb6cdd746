import { createMessagingTables, refuseUnlessRestoring } from '@boxoffice/common/postgres/messaging-tables.ts'
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
  `CREATE FUNCTION restore_debits(payment_ids uuid[], user_ids text[], amounts bigint[], refusals text[], refunds bigint[])
    RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $body$
    BEGIN
      ${refuseUnlessRestoring}
      INSERT INTO debit (payment_id, user_id, amount, refusal, refunded)
      SELECT * FROM unnest(payment_ids, user_ids, amounts, refusals, refunds)
      ON CONFLICT (payment_id) DO UPDATE
        SET amount = excluded.amount, refusal = excluded.refusal, refunded = excluded.refunded;
    END $body$`,
  `COMMENT ON FUNCTION restore_debits IS 'Writes what was decided as it was published, also over what a backup says'`,
]

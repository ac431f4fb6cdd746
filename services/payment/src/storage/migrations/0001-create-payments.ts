import { createMessagingTables } from '@boxoffice/common/postgres/messaging-tables.ts'
import { Migration } from '@mikro-orm/migrations'

export class CreatePayments extends Migration {
  override up(): void {
    for (const statement of [...createMessagingTables, ...createTables]) this.addSql(statement)
  }
}

const createTables = [
  `CREATE TABLE payment (
    payment_id     uuid PRIMARY KEY,
    user_id        text NOT NULL,
    reservation_id uuid NOT NULL,
    amount         bigint NOT NULL CHECK (amount > 0),
    points         text NOT NULL CHECK (points IN ('UNKNOWN', 'TAKEN', 'REFUSED')),
    seats          text NOT NULL CHECK (seats IN ('UNKNOWN', 'SOLD', 'REFUSED')),
    refund         text NOT NULL CHECK (refund IN ('NONE', 'PENDING', 'DONE')),
    status         text NOT NULL CHECK (status IN ('PENDING', 'PROCESSING', 'COMPLETED', 'FAILED')),
    failure_reason text CHECK ((failure_reason IS NOT NULL) = (status = 'FAILED')),
    sequence       integer NOT NULL CHECK (sequence > 0),
    attempt        integer NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    updated_at     timestamptz NOT NULL DEFAULT date_trunc('milliseconds', now()),
    deadline       timestamptz NOT NULL,
    ask_again_at   timestamptz,
    traceparent    text
  )`,
  `COMMENT ON COLUMN payment.ask_again_at IS 'When the open question is put once more; null once the payment is final'`,
  `COMMENT ON COLUMN payment.traceparent IS 'W3C trace context of the call that made it, which its timers go on with'`,
  `CREATE UNIQUE INDEX payment_one_unfailed ON payment (reservation_id) WHERE status <> 'FAILED'`,
  `COMMENT ON COLUMN payment.created_at IS 'As it is published, to the millisecond: a payment that is restored stands in its old place in a list'`,
  `CREATE INDEX payment_newest ON payment (user_id, created_at DESC, payment_id DESC)`,
  `CREATE INDEX payment_overdue ON payment (deadline) WHERE status = 'PENDING'`,
  `CREATE INDEX payment_unanswered ON payment (ask_again_at) WHERE ask_again_at IS NOT NULL`,
  `CREATE TABLE payment_transition (
    payment_id     uuid NOT NULL REFERENCES payment,
    sequence       integer NOT NULL CHECK (sequence > 0),
    status         text NOT NULL,
    failure_reason text,
    refund         text NOT NULL,
    occurred_at    timestamptz NOT NULL,
    PRIMARY KEY (payment_id, sequence)
  )`,
]

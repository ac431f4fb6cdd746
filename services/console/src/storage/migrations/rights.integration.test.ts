import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { CreateTrail } from './0001-create-trail.ts'
import { rights } from './rights.ts'

describeRights('console', {
  migrations: [CreateTrail],
  rights,
  fixed: {
    message: ['recorded_at', 'topic', 'partition', '"offset"', 'type', 'key', 'headers', 'payload'],
    payment: [],
    transition: ['sequence', 'status', 'failure_reason', 'refund', 'occurred_at'],
    ledger_entry: ['user_id', 'payment_id', 'kind', 'amount', 'balance', 'occurred_at'],
    sale: ['concert_id', 'seat', 'payment_id', 'price'],
    reservation: ['concert_id', 'user_id', 'seats', 'total_price'],
    rebuild: ['subject', 'requested_at', 'records', 'lost'],
  },
  forbiddenToo: [`INSERT INTO rebuild (subject, records, lost) VALUES ('nobody', 0, 0)`],
})

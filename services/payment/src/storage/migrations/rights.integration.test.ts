import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { migrations } from '../migrations.ts'
import { rights } from './rights.ts'

describeRights('payment', {
  migrations,
  rights,
  fixed: {
    payment: ['payment_id', 'user_id', 'reservation_id', 'amount', 'created_at', 'deadline'],
    payment_transition: ['sequence', 'status', 'failure_reason', 'refund', 'occurred_at'],
  },
})

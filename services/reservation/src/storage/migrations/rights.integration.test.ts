import { describeRights } from '@boxoffice/common/testing/describe-rights.ts'
import { migrations } from '../migrations.ts'
import { rights } from './rights.ts'

describeRights('reservation', {
  migrations,
  rights,
  fixed: {
    concert: ['title', 'start_time', 'sections', 'seats_total'],
    reservation: ['user_id', 'concert_id', 'seats', 'total_price', 'created_at'],
    seat: ['concert_id', 'seat', 'position', 'price'],
    sale: ['concert_id', 'seat', 'reservation_id', 'payment_id', 'sold_at'],
    confirmation: ['payment_id', 'reservation_id', 'refusal', 'decided_at'],
  },
  restoreOnly: ["restore_confirmations('{}', '{}', '{}', '{}')"],
})

import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { ConcertCreatedEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { type ServiceName, serviceNames } from '../../../scripts/platform/databases.ts'
import { topicsOf } from '../../../scripts/verify/consumer-lag.ts'
import type { Evidence } from '../evidence.ts'
import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/** 11. That positions are at the ends is for `nothing-left-behind` to say; here, that nothing was skipped on the way. */
export const allProcessed: Checker = {
  id: 'consumed-is-processed',
  invariant: 'Every record that a position has passed was processed or put aside',
  counterexamples(evidence) {
    return serviceNames.flatMap((consumer) => skippedBy(consumer, evidence))
  },
}

/** What a consumer does nothing with, so that it keeps no id of it. */
const passedOver: Partial<Record<ServiceName, ReadonlySet<string>>> = {
  payment: new Set([PointsChargedEventSchema.typeName, ConcertCreatedEventSchema.typeName]),
}

function skippedBy(consumer: ServiceName, { records, inboxes, deadLetters }: Evidence): string[] {
  const topics: ReadonlySet<string> = new Set(topicsOf[consumer])
  const aside = deadLetters.filter((letter) => letter.consumer === consumer)
  const asidePlaces = new Set(aside.map((letter) => placeOf({ ...letter, topicId: letter.topic_id ?? '' })))
  const own = records.filter((record) => topics.has(record.topic))
  // A repeat of what was put aside is known by its bytes, and so has the id that they hold.
  const asideIds = new Set(
    own.filter((record) => asidePlaces.has(placeOf(record))).map(({ messageId }) => messageId),
  )
  return own
    .filter(
      (record) =>
        record.isUnread !== true &&
        passedOver[consumer]?.has(record.type) !== true &&
        !inboxes[consumer].has(record.messageId) &&
        !asideIds.has(record.messageId) &&
        !asidePlaces.has(placeOf(record)),
    )
    .map((record) => `${placeOf(record)}: ${record.type} ${record.messageId} is unknown to ${consumer}`)
}

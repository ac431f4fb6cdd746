import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { ConcertCreatedEventSchema } from '@boxoffice/proto/boxoffice/reservation/v1/reservation_messages_pb.ts'
import { type ServiceName, serviceNames } from '../../../scripts/platform/databases.ts'
import { topicsOf } from '../../../scripts/verify/consumer-lag.ts'
import type { Evidence } from '../evidence.ts'
import { placeOf } from './all-published.ts'
import type { Checker } from './checker.ts'

/**
 * 11. `nothing-left-behind` checks that positions are at the ends; this checks that no record before them was skipped.
 */
export const allProcessed: Checker = {
  id: 'consumed-is-processed',
  invariant: 'Every record before a consumer position was processed or put aside',
  counterexamples(evidence) {
    return serviceNames.flatMap((consumer) => skippedBy(consumer, evidence))
  },
}

/** The message types that a consumer ignores, so that their ids are not in its inbox. */
const ignoredTypes: Partial<Record<ServiceName, ReadonlySet<string>>> = {
  payment: new Set([PointsChargedEventSchema.typeName, ConcertCreatedEventSchema.typeName]),
}

function skippedBy(consumer: ServiceName, { records, inboxes, deadLetters }: Evidence): string[] {
  const topics: ReadonlySet<string> = new Set(topicsOf[consumer])
  const letters = deadLetters.filter((letter) => letter.consumer === consumer)
  const letterPlaces = new Set(
    letters.map((letter) => placeOf({ ...letter, topicId: letter.topic_id ?? '' })),
  )
  const own = records.filter((record) => topics.has(record.topic))
  // A repeat of a record that was put aside has the same bytes, and so the same message id.
  const letterIds = new Set(
    own.filter((record) => letterPlaces.has(placeOf(record))).map(({ messageId }) => messageId),
  )
  return own
    .filter(
      (record) =>
        record.isUnread !== true &&
        ignoredTypes[consumer]?.has(record.type) !== true &&
        !inboxes[consumer].has(record.messageId) &&
        !letterIds.has(record.messageId) &&
        !letterPlaces.has(placeOf(record)),
    )
    .map((record) => `${placeOf(record)}: ${record.type} ${record.messageId} was skipped by ${consumer}`)
}

import { areOtherTopics, type FetchedBatch } from '@boxoffice/kafka'
import type { ConsumerParts } from './consumer-parts.ts'
import { handleBatch } from './handle-batch.ts'
import { meetAnotherTopic } from './meet-another-topic.ts'

/** Handles a batch or passes over it. The next fetch begins when this ends. */
export async function receiveBatch(parts: ConsumerParts, batch: FetchedBatch): Promise<void> {
  const { assignment, passing } = parts
  await assignment?.located
  const partition = assignment?.partition(batch)
  // A batch that was fetched before the positions were known is fetched again from there.
  if (assignment === undefined || partition === undefined || batch.isStale()) return
  if (areOtherTopics(batch.topicId, partition.topicId)) {
    await meetAnotherTopic(parts, assignment, partition)
    return
  }
  if (passing.pass(assignment, partition, batch)) {
    batch.resolve(partition.progress.position)
    return passing.rest()
  }
  partition.handling = true
  try {
    // The transaction begins at the stored position.
    await passing.settled()
    await handleBatch(parts, assignment, partition, batch)
  } finally {
    partition.handling = false
  }
}

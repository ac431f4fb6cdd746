import type { EntityManager } from '@boxoffice/common/postgres/entity-manager.ts'
import { areOtherTopics } from '@boxoffice/kafka'
import { readAllPositions } from '@boxoffice/messaging/operations'
import type { Ranges } from './ranges.ts'

/**
 * The topics that the trail does not read on, because they were created again under the name of a topic that it has
 * read.
 */
export async function readRecreated(em: EntityManager, consumer: string, ranges: Ranges): Promise<string[]> {
  const found = new Set<string>()
  for (const { topic, partition, topicId } of await readAllPositions(em, consumer)) {
    if (areOtherTopics(topicId, ranges.get(`${topic}/${partition}`)?.topicId)) found.add(topic)
  }
  return [...found].sort()
}

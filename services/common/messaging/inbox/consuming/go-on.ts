import type { TopicPartition } from '@boxoffice/kafka'
import type { ConsumerParts } from './consumer-parts.ts'

/** Reads a partition from its position, or pauses it if its topic was created again: the position is not of that. */
export function goOn(
  { assignment, member, held, observer }: ConsumerParts,
  at: TopicPartition,
  isRecreated: boolean,
): void {
  const partition = assignment?.partition(at)
  if (partition === undefined) return
  partition.isRecreated = isRecreated
  // A wait that began in the old topic must not end in the new one.
  held.release(partition)
  if (isRecreated) observer.recreated(partition)
  else member.seek(partition, partition.progress.position)
}

import type { TopicPartition } from '@boxoffice/kafka'
import type { ConsumerParts } from './consumer-parts.ts'

/** Reads a partition from its position, or not at all: in another topic of that name the position says nothing. */
export function goOn(
  { assignment, member, held, observer }: ConsumerParts,
  at: TopicPartition,
  isRecreated: boolean,
): void {
  const partition = assignment?.partition(at)
  if (partition === undefined) return
  partition.isRecreated = isRecreated
  // A wait that was for the former topic must not end in the other one.
  held.release(partition)
  if (isRecreated) observer.recreated(partition)
  else member.seek(partition, partition.progress.position)
}

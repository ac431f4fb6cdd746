import { Partitioners, type PartitionMetadata } from 'kafkajs'

const partitioner = Partitioners.DefaultPartitioner()
const metadataOf = new Map<number, PartitionMetadata[]>()

/**
 * Returns the partition that Java's default partitioner gives a key: murmur2 of the key, modulo the number of
 * partitions. A null key goes to partition 0, so that a record has the same place however often it is sent.
 */
export function partitionOf(topic: string, key: Buffer | null, partitionCount: number): number {
  if (key === null) return 0
  return partitioner({ topic, partitionMetadata: metadata(partitionCount), message: { key, value: null } })
}

/** Metadata for the partitioner, which reads only its length when there is a key. */
function metadata(partitionCount: number): PartitionMetadata[] {
  let found = metadataOf.get(partitionCount)
  if (found === undefined) {
    found = Array.from({ length: partitionCount }, (_, partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }))
    metadataOf.set(partitionCount, found)
  }
  return found
}

import type { OffsetRange } from '@boxoffice/kafka'

/** The offset range of each partition, by `topic/partition`. */
export type Ranges = ReadonlyMap<string, OffsetRange>

/** The topic id of each partition, in the order of `beginColumns`. */
export function idColumn(ranges: Ranges): (string | null)[] {
  return [...ranges.values()].map(({ topicId }) => topicId ?? null)
}

/** The partitions as columns for `unnest`: topic, partition, and first offset. */
export function beginColumns(ranges: Ranges): [topics: string[], partitions: number[], begins: string[]] {
  const places = [...ranges.keys()].map((place) => place.split('/'))
  return [
    places.map(([topic = '']) => topic),
    places.map(([, partition]) => Number(partition)),
    [...ranges.values()].map(({ begin }) => String(begin)),
  ]
}

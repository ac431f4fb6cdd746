import type { OffsetRange } from '@boxoffice/kafka'

/** What each partition holds, by `topic/partition`. */
export type Ranges = ReadonlyMap<string, OffsetRange>

/** The ids of their topics, in the same order. */
export function idColumn(ranges: Ranges): (string | null)[] {
  return [...ranges.values()].map(({ topicId }) => topicId ?? null)
}

/** The partitions as columns for `unnest`: topic, partition, and the offset that it begins with. */
export function beginColumns(ranges: Ranges): [topics: string[], partitions: number[], begins: string[]] {
  const places = [...ranges.keys()].map((place) => place.split('/'))
  return [
    places.map(([topic = '']) => topic),
    places.map(([, partition]) => Number(partition)),
    [...ranges.values()].map(({ begin }) => String(begin)),
  ]
}

import type { TopicPartition } from '@boxoffice/kafka'

type Offset = TopicPartition & { readonly offset: bigint }

/**
 * Lets Kafka's committed offsets follow the stored positions, for lag tools: once for every partition when it is
 * assigned, then as it moves. Nothing depends on them.
 */
export interface OffsetCommits {
  moved(at: TopicPartition, offset: bigint): void
  /** Forgets what is not committed yet: the partitions may belong to another member by now. */
  clear(): void
  /** Commits what is waiting now; what fails is tried again after a while, unless it was cleared. */
  flush(): Promise<void>
}

/** @param commit - may fail; its offsets are then committed later, even if nothing new comes in their partitions */
export function createOffsetCommits(
  commit: (offsets: readonly Offset[]) => Promise<void>,
  intervalMs: number,
): OffsetCommits {
  const waiting = new Map<string, Offset>()
  let timer: NodeJS.Timeout | undefined
  let generation = 0
  let committing: Promise<void> | undefined

  /** One at a time: an earlier commit that is tried again after a later one would set the offset back. */
  async function flush(): Promise<void> {
    while (committing !== undefined) await committing
    committing = commitWaiting().finally(() => {
      committing = undefined
    })
    await committing
  }

  async function commitWaiting(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const offsets = [...waiting.values()]
    const begunIn = generation
    waiting.clear()
    if (offsets.length === 0) return
    try {
      await commit(offsets)
    } catch {
      // The position that counts is in the database, and a later one may wait already.
      if (begunIn === generation) for (const offset of offsets) waitAgain(offset)
    }
  }

  function wait(offset: Offset): void {
    waiting.set(keyOf(offset), offset)
    timer ??= setTimeout(flush, intervalMs)
  }

  function waitAgain(offset: Offset): void {
    if (!waiting.has(keyOf(offset))) wait(offset)
  }

  return {
    moved: ({ topic, partition }, offset) => wait({ topic, partition, offset }),
    clear() {
      clearTimeout(timer)
      timer = undefined
      generation += 1
      waiting.clear()
    },
    flush,
  }
}

function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`
}

import type { TopicPartition } from '../kafka/consumed-record.ts'
import { crashPoint } from '../lifecycle/crash-point.ts'

type Offset = TopicPartition & { readonly offset: bigint }

/**
 * Lets Kafka's committed offsets follow the stored positions, for lag tools: every partition's once when it is assigned, then as it
 * moves. Nothing depends on them.
 */
export interface OffsetCommits {
  moved(at: TopicPartition, offset: bigint): void
  /** Forgets what was not committed: the partitions may be another member's by now. */
  clear(): void
  /** Commits what is waiting now. */
  flush(): Promise<void>
}

/** @param commit - may fail; what it had is then committed with what comes later */
export function createOffsetCommits(
  commit: (offsets: readonly Offset[]) => Promise<void>,
  intervalMs: number,
): OffsetCommits {
  const waiting = new Map<string, Offset>()
  let timer: NodeJS.Timeout | undefined

  async function flush(): Promise<void> {
    clearTimeout(timer)
    timer = undefined
    const offsets = [...waiting.values()]
    waiting.clear()
    if (offsets.length === 0) return
    try {
      crashPoint('offset-commit:before')
      await commit(offsets)
      crashPoint('offset-commit:after')
    } catch {
      // The next commit of these partitions says more, and the position that counts is in the database.
    }
  }

  return {
    moved({ topic, partition }, offset) {
      waiting.set(`${topic}/${partition}`, { topic, partition, offset })
      timer ??= setTimeout(flush, intervalMs)
    },
    clear() {
      clearTimeout(timer)
      timer = undefined
      waiting.clear()
    },
    flush,
  }
}

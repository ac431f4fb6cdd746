import type { OutboxMessage } from '@boxoffice/messaging'

const partitionCount = 2

/**
 * Topics as lists in memory. A record may be lost: its offset stays unused, as after retention has removed a record.
 */
export class MessageLog {
  readonly #partitions = new Map<string, (OutboxMessage | undefined)[]>()

  append(message: OutboxMessage): void {
    this.records(partitionOf(message)).push(message)
  }

  /** Loses a record for good. */
  lose(partition: string, offset: number): void {
    const records = this.records(partition)
    if (offset < records.length) records[offset] = undefined
  }

  records(partition: string): (OutboxMessage | undefined)[] {
    let records = this.#partitions.get(partition)
    if (records === undefined) {
      records = []
      this.#partitions.set(partition, records)
    }
    return records
  }

  end(partition: string): number {
    return this.records(partition).length
  }
}

export function partitionsOf(topics: readonly string[]): string[] {
  return topics.flatMap((topic) => Array.from({ length: partitionCount }, (_, nth) => `${topic}/${nth}`))
}

function partitionOf({ topic, key }: OutboxMessage): string {
  let hash = 0
  for (const byte of key ?? []) hash = (hash * 31 + byte) % 1_000_003
  return `${topic}/${hash % partitionCount}`
}

import type { BatchHeader } from './batch-header.ts'

/** A transaction of this producer that begins here was aborted. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface OpenTransactions {
  /** Whether a batch has records that consumers may see; called for each batch in order. */
  isForConsumers(header: BatchHeader): boolean
}

/**
 * Tracks which producers' batches belong to an aborted transaction, as Kafka's own client does: by all aborted
 * transactions that begin up to a batch, whatever their order in the answer, until the producer's marker.
 */
export function openTransactions(aborted: readonly AbortedTransaction[]): OpenTransactions {
  const ahead = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  const abortedProducers = new Set<bigint>()
  return {
    isForConsumers(header) {
      const { producerId, lastOffset } = header
      while (ahead[0] !== undefined && ahead[0].firstOffset <= lastOffset)
        abortedProducers.add((ahead.shift() as AbortedTransaction).producerId)
      // The marker ends the open transaction of its producer, whether it commits or aborts.
      if (header.isControl) {
        abortedProducers.delete(producerId)
        return false
      }
      return !(header.isTransactional && abortedProducers.has(producerId))
    },
  }
}

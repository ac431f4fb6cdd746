import type { BatchHeader } from './batch-header.ts'

/** A transaction of this producer that begins here was given up. */
export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: bigint
}

export interface OpenTransactions {
  /** Whether a batch holds records that consumers may see; to be asked of each batch in its order. */
  isForConsumers(header: BatchHeader): boolean
}

/**
 * Follows which producers' batches belong to an aborted transaction, as Kafka's own client does: by all transactions that begin up to
 * a batch, in whatever order they are named, until the producer's marker.
 */
export function openTransactions(aborted: readonly AbortedTransaction[]): OpenTransactions {
  const ahead = [...aborted].sort((a, b) => Number(a.firstOffset - b.firstOffset))
  const abortedProducers = new Set<bigint>()
  return {
    isForConsumers(header) {
      const { producerId, lastOffset } = header
      while (ahead[0] !== undefined && ahead[0].firstOffset <= lastOffset)
        abortedProducers.add((ahead.shift() as AbortedTransaction).producerId)
      // Commit or abort, it ends the transaction that its producer had open.
      if (header.isControl) {
        abortedProducers.delete(producerId)
        return false
      }
      return !(header.isTransactional && abortedProducers.has(producerId))
    },
  }
}

import { createRequire } from 'node:module'
import { decodeResponse } from './fetch-response/decode-response.ts'
import { once } from './once.ts'

interface Batch {
  readonly messagesWithinOffset: readonly unknown[]
  isEmpty(): boolean
  isEmptyDueToFiltering(): boolean
}

/**
 * Makes KafkaJS 2.2.4 read whatever a broker may hold; applied once per process.
 *
 * KafkaJS reads no codec but gzip, which it expands without a bound; one batch that it cannot read stops all
 * partitions of the group. It delivers records of aborted transactions that overlap. It does not deliver a batch
 * without records for consumers, so that a position never moves past it, and it fetches a batch that compaction has
 * emptied for ever. So its answers to fetches are decoded here, in the version that it speaks with every broker since
 * 2.3, and a batch counts as empty only if it moves nothing.
 */
export const readAnyBatch = once(() => {
  const require = createRequire(import.meta.url)
  const response = require('kafkajs/src/protocol/requests/fetch/v11/response') as { decode: unknown }
  response.decode = decodeResponse
  const { prototype } = require('kafkajs/src/consumer/batch') as { prototype: Batch }
  prototype.isEmpty = function () {
    return this.messagesWithinOffset.length === 0
  }
  prototype.isEmptyDueToFiltering = () => false
})

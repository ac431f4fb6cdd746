import { createRequire } from 'node:module'
import { decodeResponse } from './fetch-response/decode-response.ts'
import { once } from './once.ts'

interface Batch {
  readonly messagesWithinOffset: readonly unknown[]
  isEmpty(): boolean
  isEmptyDueToFiltering(): boolean
}

/**
 * Lets KafkaJS 2.2.4 read whatever a broker may hold, once per process.
 *
 * KafkaJS reads no codec but gzip, which it expands without a bound; one batch that it cannot read stops all partitions of the group.
 * It hands on records of aborted transactions that overlap, does not hand on a batch in which no record is for consumers, so that a
 * position never moves past it, and fetches a batch that compaction has emptied for ever. Its answers to fetches are decoded here
 * instead, in the version that it speaks with every broker since 2.3, and a batch counts as empty only if it moves nothing.
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

import type { Admin } from 'kafkajs'

/**
 * Makes an admin client ask one question about topics at a time: each waits until the earlier ones are answered.
 *
 * KafkaJS 2.2.4 keeps the metadata of the topics that the latest question named, and forgets the others. An earlier
 * question that still waits for a broker then no longer knows the leaders of its topics: it fails with a TypeError, or
 * misses partitions. KafkaJS bounds the time of each question, so the wait is bounded too.
 */
export function askInTurn(admin: Admin): Admin {
  let earlier: Promise<unknown> = Promise.resolve()

  function inTurn<A extends unknown[], R>(ask: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
    return (...args) => {
      const answer = earlier.then(() => ask(...args))
      earlier = answer.catch(() => {
        // The caller gets the error. The next question does not depend on it.
      })
      return answer
    }
  }

  return {
    ...admin,
    fetchTopicMetadata: inTurn(admin.fetchTopicMetadata),
    fetchTopicOffsets: inTurn(admin.fetchTopicOffsets),
    fetchTopicOffsetsByTimestamp: inTurn(admin.fetchTopicOffsetsByTimestamp),
  }
}

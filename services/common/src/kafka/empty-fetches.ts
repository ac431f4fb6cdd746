import { createRequire } from 'node:module'

interface Broker {
  fetch(request: unknown): Promise<{ responses: readonly FetchedTopic[] }>
}

interface FetchedTopic {
  readonly partitions: readonly { readonly messages: readonly unknown[] }[]
}

let repaired = false

/**
 * Lets KafkaJS 2.2.4 take from a fetch only the partitions that brought something, once per process.
 *
 * A broker answers for every partition that it was asked for. KafkaJS makes a batch of each, hands each to a worker and waits
 * for all of them, also of those that are empty. Of what the console allocates, with its forty partitions a broker, this and
 * its idle workers were a quarter.
 */
export function dropEmptyFetches(): void {
  if (repaired) return
  repaired = true
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/broker') as { prototype: Broker }
  const { fetch } = prototype
  prototype.fetch = async function (request) {
    const answer = await fetch.call(this, request)
    const responses = answer.responses
      .map((topic) => ({
        ...topic,
        partitions: topic.partitions.filter(({ messages }) => messages.length > 0),
      }))
      .filter(({ partitions }) => partitions.length > 0)
    return { ...answer, responses }
  }
}

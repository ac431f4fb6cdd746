import { fetchedMemory } from '../fetch-response/fetched-memory.ts'
import type { ExpansionBudget } from '../fetch-response/read-batches.ts'
import type { Protocol } from './add-version.ts'
import {
  type Decoder,
  decoder,
  encoder,
  readUuid,
  requireKafkaJs,
  skipTaggedFields,
  uuidBytes,
} from './codec.ts'

interface FetchArguments {
  readonly maxWaitTime: number
  readonly minBytes: number
  readonly maxBytes: number
  readonly isolationLevel?: number
  readonly topics: readonly FetchTopic[]
  readonly rackId?: string
}

interface FetchTopic {
  readonly topic: string
  readonly partitions: readonly FetchPartition[]
}

interface FetchPartition {
  readonly partition: number
  readonly fetchOffset: string
  readonly maxBytes: number
  /** Undefined while the topic's id is not known: the topic is then fetched by its name. */
  readonly topicId?: string
}

const { parse } = requireKafkaJs('kafkajs/src/protocol/requests/fetch/v11/response')
const { Fetch: apiKey } = requireKafkaJs('kafkajs/src/protocol/requests/apiKeys')

const readCommitted = 1
/** No replica id, as in every consumer's fetch, and no fetch session. */
const none = -1
/** Added to the time that the broker may wait, as in KafkaJS. */
const networkDelayMs = 100

/** UNKNOWN_TOPIC_ID and INCONSISTENT_TOPIC_ID, which KafkaJS does not know. */
const unknownTopicIds = new Set([100, 103])
/** UNKNOWN_TOPIC_OR_PARTITION, after which KafkaJS reads the metadata again and joins its group again. */
const unknownTopic = 3

/** The topic's id by the list of records in an answer, which KafkaJS's batch keeps as `rawMessages`. */
const idOfRecords = new WeakMap<object, string>()

/** Returns the id of the topic that a KafkaJS batch was fetched from; undefined if it was fetched by name. */
export function topicIdOfBatch(batch: { readonly rawMessages?: object }): string | undefined {
  return batch.rawMessages === undefined ? undefined : idOfRecords.get(batch.rawMessages)
}

/** Fetch, version 13: by the ids of the topics whose ids are known. */
export function fetchByTopicId(own: Protocol): Protocol {
  return (args: FetchArguments) => {
    const nameOf = new Map<string, string>()
    for (const { topic, partitions } of args.topics) {
      const topicId = partitions[0]?.topicId
      if (topicId === undefined) return own(args)
      nameOf.set(topicId, topic)
    }
    return {
      request: { apiKey, apiVersion: 13, apiName: 'Fetch', encode: async () => encode(args) },
      response: { decode: (bytes: Buffer) => decode(bytes, nameOf), parse },
      requestTimeout: args.maxWaitTime + networkDelayMs,
    }
  }
}

function encode({ maxWaitTime, minBytes, maxBytes, isolationLevel, topics, rackId }: FetchArguments) {
  return encoder()
    .writeUVarInt(0)
    .writeInt32(none)
    .writeInt32(maxWaitTime)
    .writeInt32(minBytes)
    .writeInt32(maxBytes)
    .writeInt8(isolationLevel ?? readCommitted)
    .writeInt32(0)
    .writeInt32(none)
    .writeUVarIntArray(topics.map(encodeTopic))
    .writeUVarIntArray([])
    .writeUVarIntString(rackId ?? '')
    .writeUVarInt(0)
}

function encodeTopic({ partitions }: FetchTopic) {
  return encoder()
    .writeBuffer(uuidBytes(partitions[0]?.topicId ?? ''))
    .writeUVarIntArray(partitions.map(encodePartition))
    .writeUVarInt(0)
}

function encodePartition({ partition, fetchOffset, maxBytes }: FetchPartition) {
  return encoder()
    .writeInt32(partition)
    .writeInt32(none)
    .writeInt64(fetchOffset)
    .writeInt32(none)
    .writeInt64(none)
    .writeInt32(maxBytes)
    .writeUVarInt(0)
}

async function decode(bytes: Buffer, nameOf: ReadonlyMap<string, string>) {
  const from = decoder(bytes)
  skipTaggedFields(from)
  // A broker that throttles asks the client to wait, as in KafkaJS's own version.
  const clientSideThrottleTime = from.readInt32()
  const errorCode = from.readInt16()
  const sessionId = from.readInt32()
  const topics = from.readUVarIntArray(decodeTopic) ?? []
  const responses: { readonly topicName: string | undefined; readonly partitions: readonly object[] }[] = []
  await fetchedMemory.decode(async (budget) => {
    for (const { topicId, partitions } of topics) {
      const read: object[] = []
      for (const partition of partitions) read.push(await withMessages(partition, topicId, budget))
      responses.push({ topicName: nameOf.get(topicId), partitions: read })
    }
  })
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
}

function decodeTopic(from: Decoder) {
  const topic = { topicId: readUuid(from), partitions: from.readUVarIntArray(decodePartition) ?? [] }
  skipTaggedFields(from)
  return topic
}

function decodePartition(from: Decoder) {
  const partition = from.readInt32()
  const errorCode = from.readInt16()
  const read = {
    partition,
    errorCode: unknownTopicIds.has(errorCode) ? unknownTopic : errorCode,
    highWatermark: from.readInt64().toString(),
    lastStableOffset: from.readInt64().toString(),
    lastStartOffset: from.readInt64().toString(),
    aborted: from.readUVarIntArray(decodeAborted) ?? [],
    preferredReadReplica: from.readInt32(),
    records: from.readBytes(Math.max(0, from.readUVarInt() - 1)),
  }
  skipTaggedFields(from)
  return read
}

function decodeAborted(from: Decoder) {
  const aborted = {
    producerId: BigInt(String(from.readInt64())),
    firstOffset: BigInt(String(from.readInt64())),
  }
  skipTaggedFields(from)
  return aborted
}

/** Reads the batches as in the version without ids. */
async function withMessages(
  { records, aborted, ...partition }: ReturnType<typeof decodePartition>,
  topicId: string,
  budget: ExpansionBudget,
) {
  const messages = await fetchedMemory.readBatches(records, aborted, budget)
  idOfRecords.set(messages, topicId)
  return { ...partition, abortedTransactions: [], messages }
}

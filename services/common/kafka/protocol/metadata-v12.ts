import type { Protocol } from './add-version.ts'
import {
  type Decoder,
  decoder,
  encoder,
  noUuid,
  readUuid,
  requireKafkaJs,
  skipTaggedFields,
  uuidBytes,
} from './codec.ts'

interface MetadataArguments {
  readonly topics: readonly string[]
  readonly allowAutoTopicCreation?: boolean
}

const { parse } = requireKafkaJs('kafkajs/src/protocol/requests/metadata/v6/response')
const { Metadata: apiKey } = requireKafkaJs('kafkajs/src/protocol/requests/apiKeys')

/** The topic's id by the list of partitions in an answer, which is all that KafkaJS's admin client passes on. */
const idOfPartitions = new WeakMap<object, string>()

/** Returns the id of the topic of partitions from `Admin.fetchTopicMetadata`; undefined if the broker knows none. */
export function topicIdIn(partitions: readonly object[]): string | undefined {
  return idOfPartitions.get(partitions)
}

/** Metadata, version 12: the fields of version 6, and each topic's id. */
export function metadataWithIds(_own: Protocol): Protocol {
  return ({ topics, allowAutoTopicCreation = true }: MetadataArguments) => ({
    request: {
      apiKey,
      apiVersion: 12,
      apiName: 'Metadata',
      encode: async () => {
        const request = encoder().writeUVarInt(0)
        if (topics.length === 0) request.writeUVarInt(0)
        else request.writeUVarIntArray(topics.map(encodeTopic))
        return request.writeBoolean(allowAutoTopicCreation).writeBoolean(false).writeUVarInt(0)
      },
    },
    response: { decode, parse },
  })
}

/** Requests a topic by its name; null would request all topics. */
function encodeTopic(topic: string) {
  return encoder().writeBuffer(uuidBytes(noUuid)).writeUVarIntString(topic).writeUVarInt(0)
}

async function decode(bytes: Buffer) {
  const from = decoder(bytes)
  skipTaggedFields(from)
  const clientSideThrottleTime = from.readInt32()
  return {
    // As in KafkaJS's version 6: the broker has not delayed this answer, it asks the client to wait.
    throttleTime: 0,
    clientSideThrottleTime,
    brokers: from.readUVarIntArray(decodeBroker) ?? [],
    clusterId: from.readUVarIntString(),
    controllerId: from.readInt32(),
    topicMetadata: from.readUVarIntArray(decodeTopic) ?? [],
  }
}

function decodeBroker(from: Decoder) {
  const broker = {
    nodeId: from.readInt32(),
    host: from.readUVarIntString(),
    port: from.readInt32(),
    rack: from.readUVarIntString(),
  }
  skipTaggedFields(from)
  return broker
}

function decodeTopic(from: Decoder) {
  const topicErrorCode = from.readInt16()
  const topic = from.readUVarIntString()
  const topicId = readUuid(from)
  const isInternal = from.readBoolean()
  const partitionMetadata = from.readUVarIntArray(decodePartition) ?? []
  // The operations that the caller may do, which are not requested.
  from.readInt32()
  skipTaggedFields(from)
  if (topicId === noUuid) return { topicErrorCode, topic, isInternal, partitionMetadata }
  idOfPartitions.set(partitionMetadata, topicId)
  return { topicErrorCode, topic, topicId, isInternal, partitionMetadata }
}

function decodePartition(from: Decoder) {
  const partitionErrorCode = from.readInt16()
  const partitionId = from.readInt32()
  const leader = from.readInt32()
  const leaderEpoch = from.readInt32()
  const replicas = from.readUVarIntArray(readInt32) ?? []
  const isr = from.readUVarIntArray(readInt32) ?? []
  const offlineReplicas = from.readUVarIntArray(readInt32) ?? []
  skipTaggedFields(from)
  return { partitionErrorCode, partitionId, leader, leaderEpoch, replicas, isr, offlineReplicas }
}

function readInt32(from: Decoder): number {
  return from.readInt32()
}

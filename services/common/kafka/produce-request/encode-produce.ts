import type { Protocol } from '../protocol/add-version.ts'
import { encoderOf, requireKafkaJs } from '../protocol/codec.ts'
import { ByteWriter, utf8Length } from './byte-writer.ts'
import { measureBatch, type ProducedMessage, writeBatch } from './record-batch.ts'

interface ProduceArguments {
  readonly acks: number
  readonly timeout: number
  readonly compression?: number
  readonly transactionalId?: string | null
  readonly producerId?: string | number | bigint | { toString(): string }
  readonly producerEpoch?: number
  readonly topicData: readonly {
    readonly topic: string
    readonly partitions: readonly {
      readonly partition: number | string
      readonly firstSequence?: number
      readonly messages: readonly ProducedMessage[]
    }[]
  }[]
}

interface EncodedProtocol {
  readonly request: object
}

/** The first version with this format of requests and batches of records. KafkaJS's last version, 7, has it too. */
export const producedSince = 3

const { Types } = requireKafkaJs('kafkajs/src/protocol/message/compression') as { Types: { None: number } }

/** A produce request of KafkaJS whose bytes are written in one go. KafkaJS itself encodes compressed ones. */
export function produceInOneGo(own: Protocol): Protocol {
  return (args: ProduceArguments) => {
    const protocol = own(args) as EncodedProtocol
    if ((args.compression ?? Types.None) !== Types.None) return protocol
    const encode = async () => encoderOf(encodeProduce(args))
    return { ...protocol, request: { ...protocol.request, encode } }
  }
}

const nullLength = -1
const noProducer = -1
const lengthBytes = 2
const countBytes = 4
const acksBytes = 2
const timeoutBytes = 4
const partitionBytes = 8

/**
 * All lengths are known before the first byte is written, so that there is one allocation for the batches. KafkaJS
 * copies them behind the request's header, and that behind its length.
 *
 * @throws Error if a record was changed in the meantime: the rest of the buffer, which is not zeroed, would be
 *   published
 */
export function encodeProduce(args: ProduceArguments, now = Date.now()): Buffer {
  const { acks, timeout, transactionalId, topicData } = args
  let bytes = lengthBytes + utf8Length(transactionalId ?? '') + acksBytes + timeoutBytes + countBytes
  const topics = topicData.map(({ topic, partitions }) => {
    bytes += lengthBytes + utf8Length(topic) + countBytes
    const batches = partitions.map(({ partition, firstSequence = 0, messages }) => {
      const batch = measureBatch(messages, now)
      bytes += partitionBytes + batch.bytes
      return { partition: Number(partition), firstSequence, batch }
    })
    return { topic, batches }
  })
  const out = new ByteWriter(bytes)
  const producer = {
    producerId: BigInt(String(args.producerId ?? noProducer)),
    producerEpoch: args.producerEpoch ?? 0,
    isTransactional: Boolean(transactionalId),
  }
  if (transactionalId === null || transactionalId === undefined) out.int16(nullLength)
  else writeString(out, transactionalId)
  out.int16(acks)
  out.int32(timeout)
  out.int32(topics.length)
  for (const { topic, batches } of topics) {
    writeString(out, topic)
    out.int32(batches.length)
    for (const { partition, firstSequence, batch } of batches) {
      out.int32(partition)
      out.int32(batch.bytes)
      writeBatch(out, batch, { ...producer, firstSequence })
    }
  }
  if (out.offset !== bytes)
    throw new Error(`a request to produce has ${out.offset} bytes, and ${bytes} were measured`)
  return out.bytes
}

function writeString(out: ByteWriter, text: string): void {
  out.int16(utf8Length(text))
  out.text(text)
}

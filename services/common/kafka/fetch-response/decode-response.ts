import type { AbortedTransaction } from './aborted-transactions.ts'
import { fetchedMemory } from './fetched-memory.ts'
import type { ExpansionBudget, FetchedMessage } from './read-batches.ts'

/** The answer to a fetch, as KafkaJS passes it on. */
export interface FetchResponse {
  readonly throttleTime: number
  /** The time for which the broker asks the client to wait. */
  readonly clientSideThrottleTime: number
  readonly errorCode: number
  readonly sessionId: number
  readonly responses: readonly {
    readonly topicName: string
    readonly partitions: readonly FetchedPartition[]
  }[]
}

interface FetchedPartition {
  readonly partition: number
  readonly errorCode: number
  readonly highWatermark: string
  readonly lastStableOffset: string
  readonly lastStartOffset: string
  /** Always empty: the records of aborted transactions are left out already. */
  readonly abortedTransactions: readonly never[]
  readonly preferredReadReplica: number
  readonly messages: readonly FetchedMessage[]
}

/** Decodes Kafka's Fetch response of version 11; https://kafka.apache.org/protocol#The_Messages_Fetch */
export async function decodeResponse(bytes: Buffer): Promise<FetchResponse> {
  return await fetchedMemory.decode((budget) => decodeWithin(budget, new ResponseReader(bytes)))
}

async function decodeWithin(budget: ExpansionBudget, reader: ResponseReader): Promise<FetchResponse> {
  const clientSideThrottleTime = reader.int32()
  const errorCode = reader.int16()
  const sessionId = reader.int32()
  const responses: FetchResponse['responses'][number][] = []
  for (let topics = reader.int32(); topics > 0; topics--) {
    const topicName = reader.text()
    const partitions: FetchedPartition[] = []
    for (let left = reader.int32(); left > 0; left--) partitions.push(await readPartition(reader, budget))
    responses.push({ topicName, partitions })
  }
  return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses }
}

async function readPartition(reader: ResponseReader, budget: ExpansionBudget): Promise<FetchedPartition> {
  const header = {
    partition: reader.int32(),
    errorCode: reader.int16(),
    highWatermark: String(reader.int64()),
    lastStableOffset: String(reader.int64()),
    lastStartOffset: String(reader.int64()),
  }
  const aborted: AbortedTransaction[] = []
  for (let left = reader.int32(); left > 0; left--)
    aborted.push({ producerId: reader.int64(), firstOffset: reader.int64() })
  const preferredReadReplica = reader.int32()
  const messages = await fetchedMemory.readBatches(reader.bytes(), aborted, budget)
  return { ...header, abortedTransactions: [], preferredReadReplica, messages }
}

class ResponseReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  int16(): number {
    this.#at += 2
    return this.#bytes.readInt16BE(this.#at - 2)
  }

  int32(): number {
    this.#at += 4
    return this.#bytes.readInt32BE(this.#at - 4)
  }

  int64(): bigint {
    this.#at += 8
    return this.#bytes.readBigInt64BE(this.#at - 8)
  }

  text(): string {
    return this.#take(this.int16()).toString()
  }

  bytes(): Buffer {
    return this.#take(this.int32())
  }

  /** Empty if the length is -1. */
  #take(length: number): Buffer {
    const begin = this.#at
    this.#at += Math.max(0, length)
    return this.#bytes.subarray(begin, this.#at)
  }
}

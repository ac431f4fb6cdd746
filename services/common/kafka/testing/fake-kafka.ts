import type { Kafka, ProducerBatch, RecordMetadata } from 'kafkajs'

type Write = (batch: ProducerBatch) => void
export type Behaviour = (batch: ProducerBatch, write: Write) => RecordMetadata[] | Promise<RecordMetadata[]>

export const answerAll = (batch: ProducerBatch, write: Write): RecordMetadata[] => {
  write(batch)
  return (batch.topicMessages ?? []).flatMap(({ topic, messages }) =>
    [...new Set(messages.map(({ partition }) => partition ?? 0))].map((partition) => ({
      topicName: topic,
      partition,
      errorCode: 0,
      baseOffset: '0',
    })),
  )
}

export function dropPartition(dropped: number): Behaviour {
  return (batch, write) => {
    const kept = (batch.topicMessages ?? []).map(({ topic, messages }) => ({
      topic,
      messages: messages.filter(({ partition }) => partition !== dropped),
    }))
    return answerAll({ ...batch, topicMessages: kept }, write)
  }
}

export function reject(type: string): Behaviour {
  return () => {
    throw kafkaError(type)
  }
}

export function tooLarge(recordsMax: number): Behaviour {
  return (batch, write) => {
    if ((batch.topicMessages?.[0]?.messages.length ?? 0) > recordsMax) throw kafkaError('MESSAGE_TOO_LARGE')
    return answerAll(batch, write)
  }
}

/** As KafkaJS wraps what Kafka says. */
export function kafkaError(type: string): Error {
  return new Error(type, { cause: Object.assign(new Error(type), { type }) })
}

export interface FakeKafka {
  readonly client: Kafka
  readonly sends: number
  readonly producers: number
  readonly disconnected: number
  written(): string[]
  topics(): string[]
  values(): string[]
}

/**
 * Topics of 3 partitions. The behaviours answer one send each, the last one all later sends; `untold` has the errors
 * with which the first questions for a topic's partitions are answered.
 */
export function fakeKafka(
  behaviours: Behaviour[],
  { partitions = 3, untold = {} }: { partitions?: number; untold?: Record<string, string[]> } = {},
): FakeKafka {
  const log: { topic: string; key: string; value: string }[] = []
  const state = { sends: 0, producers: 0, disconnected: 0 }
  const write: Write = (batch) => {
    for (const { topic, messages } of batch.topicMessages ?? []) {
      for (const { key, value } of messages) log.push({ topic, key: String(key), value: String(value) })
    }
  }
  const client = {
    admin: () => ({
      connect: async () => {},
      disconnect: async () => {},
      fetchTopicMetadata: async ({ topics: [name = ''] }: { topics: string[] }) => {
        const error = untold[name]?.shift()
        if (error !== undefined) throw kafkaError(error)
        return { topics: [{ name, partitions: Array.from({ length: partitions }) }] }
      },
    }),
    producer: () => {
      state.producers += 1
      return {
        connect: async () => {},
        disconnect: async () => {
          state.disconnected += 1
        },
        sendBatch: async (batch: ProducerBatch) => {
          const behaviour = behaviours[Math.min(state.sends, behaviours.length - 1)] ?? answerAll
          state.sends += 1
          return await behaviour(batch, write)
        },
      }
    },
  }
  return {
    client: client as unknown as Kafka,
    get sends() {
      return state.sends
    },
    get producers() {
      return state.producers
    },
    get disconnected() {
      return state.disconnected
    },
    topics: () => log.map(({ topic }) => topic),
    written: () => log.map(({ key }) => key),
    values: () => log.map(({ value }) => value),
  }
}

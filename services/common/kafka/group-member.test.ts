import { createRequire } from 'node:module'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { batchBytes } from '@boxoffice/common/testing/record-batch.ts'
import { expect } from 'chai'
import type { ConsumerConfig, ConsumerRunConfig, EachBatchPayload } from 'kafkajs'
import type { Kafka } from './create-client.ts'
import { fetchedMemory } from './fetch-response/fetched-memory.ts'
import { startGroupMember } from './group-member.ts'
import { defaultGroupTimes } from './group-times.ts'

type Attempt = (bail: (error: Error) => void, retryCount: number) => Promise<string>

/** KafkaJS's own, which fetches and joins go through. */
const createRetry: (options: object) => (attempt: Attempt) => Promise<string> = createRequire(
  import.meta.url,
)('kafkajs/src/retry')

describe('a group member', () => {
  it('is not thrown away, however often its fetches fail', async () => {
    const config = configOfMember()
    const retry = createRetry({ ...config.retry, initialRetryTime: 1, maxRetryTime: 1 })
    const outcome = await retry(async (_, retryCount) => {
      if (retryCount < 100) throw Object.assign(new Error('connect ECONNREFUSED'), { retriable: true })
      return 'fetched'
    })
    expect(outcome).to.equal('fetched')
  })

  it('loses its partitions within fifteen seconds of its death', () => {
    const { sessionTimeout = 30_000, heartbeatInterval = 3_000, maxWaitTimeInMs = 5_000 } = configOfMember()
    // The others hear of it with their next heartbeat, between two fetches, and may need a second to join again.
    expect(sessionTimeout + heartbeatInterval + maxWaitTimeInMs + 1_000).to.be.at.most(15_000)
  })

  it('gives the memory of its messages back once they are handled', async () => {
    const { eachBatch } = memberWith(async () => {})
    const before = fetchedMemory.heldBytes
    const bytes = batchBytes({ firstOffset: 0, records: [{ offset: 0 }] })
    const messages = await fetchedMemory.decode((budget) => fetchedMemory.readBatches(bytes, [], budget))
    expect(fetchedMemory.heldBytes).to.be.greaterThan(before)
    await eachBatch({
      batch: {
        ...{ topic: 'topic', partition: 0, fetchedOffset: '0', highWatermark: '1', lastOffset: () => '0' },
        ...{ messages, rawMessages: messages },
      },
      heartbeat: async () => {},
      isRunning: () => true,
      isStale: () => false,
      resolveOffset() {},
    } as unknown as EachBatchPayload)
    expect(fetchedMemory.heldBytes).to.equal(before)
  })
})

/** What the member asks of KafkaJS. */
function configOfMember(): ConsumerConfig {
  return memberWith(async () => {}).config
}

/** A member, as KafkaJS sees it: what it asks for, and what is called for each batch. */
function memberWith(onBatch: () => Promise<void>) {
  let asked: ConsumerConfig | undefined
  let running: ConsumerRunConfig | undefined
  const consumer = {
    events: { GROUP_JOIN: 'join', REBALANCING: 'rebalancing', CRASH: 'crash' },
    on() {},
    connect: async () => {},
    subscribe: async () => {},
    run: async (config: ConsumerRunConfig) => {
      running = config
    },
  }
  const kafka = {
    consumer(config: ConsumerConfig) {
      asked = config
      return consumer
    },
  }
  startGroupMember({
    kafka: kafka as unknown as Kafka,
    groupId: 'group',
    topics: ['topic'],
    from: 'earliest',
    times: defaultGroupTimes,
    log: createLog({ service: 'test', level: 'silent' }),
    onAssigned() {},
    onBatch,
  })
  if (asked === undefined) throw new Error('no consumer was made')
  return {
    config: asked,
    async eachBatch(payload: EachBatchPayload): Promise<void> {
      while (running === undefined) await new Promise(setImmediate)
      await running.eachBatch?.(payload)
    },
  }
}

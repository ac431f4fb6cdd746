import { createRequire } from 'node:module'
import { once } from './once.ts'

interface ConsumerGroup {
  heartbeat(options: { interval: number }): Promise<void>
}

/** What KafkaJS calls a broker that is gone, or that hangs. */
const lost = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
])

/** The answer after which KafkaJS asks for the group's coordinator and joins again as the member that it was. */
const notCoordinator = 'NOT_COORDINATOR_FOR_GROUP'

/**
 * Lets KafkaJS 2.2.4's consumers look for their coordinator once it is gone, once per process.
 *
 * When a heartbeat cannot be delivered, KafkaJS asks the same broker again until its retries are used up, throws the consumer
 * away and joins as somebody new; the group then waits for the old member until its session ends. As Java's client does, a
 * member whose coordinator is lost looks for the new one and stays who it is.
 */
export const findLostCoordinators = once(() => {
  const { prototype } = createRequire(import.meta.url)('kafkajs/src/consumer/consumerGroup') as {
    prototype: ConsumerGroup
  }
  const { heartbeat } = prototype
  prototype.heartbeat = async function (options) {
    try {
      await heartbeat.call(this, options)
    } catch (error) {
      if (error instanceof Error && lost.has(error.name)) Object.assign(error, { type: notCoordinator })
      throw error
    }
  }
})

import { createRequire } from 'node:module'
import { once } from './once.ts'

interface ConsumerGroup {
  heartbeat(options: { interval: number }): Promise<void>
}

/** The names of KafkaJS's errors for a broker that is gone or hangs. */
const lost = new Set([
  'KafkaJSConnectionError',
  'KafkaJSConnectionClosedError',
  'KafkaJSRequestTimeoutError',
  'KafkaJSBrokerNotFound',
])

/** The answer after which KafkaJS looks up the group's coordinator and joins again as the same member. */
const notCoordinator = 'NOT_COORDINATOR_FOR_GROUP'

/**
 * Makes KafkaJS 2.2.4's consumers look up their coordinator once it is gone; applied once per process.
 *
 * When a heartbeat cannot be delivered, KafkaJS asks the same broker again until its retries are used up, discards the
 * consumer and joins as a new member; the group then waits for the old member until its session ends. With this
 * repair, as in Java's client, a member whose coordinator is lost looks for the new one and stays the same member.
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

import type { KafkaSecurity } from '../security.ts'
import { configCommand } from './config-command.ts'

/**
 * Bounds what each user takes of a broker, as the manifests do. They are alike for all of them, and so are made the default: one
 * start of Kafka's tool instead of one a user. Followers fetch from their leaders without a bound.
 */
export async function setKafkaQuotas(brokers: readonly string[], security: KafkaSecurity): Promise<void> {
  const quotas = security.users[0]?.quotas
  if (quotas === undefined) return
  const { producerByteRate, consumerByteRate, requestPercentage } = quotas
  const values = [
    `producer_byte_rate=${producerByteRate}`,
    `consumer_byte_rate=${consumerByteRate}`,
    `request_percentage=${requestPercentage}`,
  ]
  await configCommand([...ofAllUsers, '--alter', '--add-config', values.join(',')], brokers, security)
}

/** What Kafka's tool says of them. */
export async function describeKafkaQuotas(
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<string> {
  return await configCommand([...ofAllUsers, '--describe'], brokers, security)
}

const ofAllUsers = ['--entity-type', 'users', '--entity-default']

import type { KafkaSecurity } from '../security.ts'
import { configCommand } from './config-command.ts'

/**
 * Sets the quotas of users, as the manifests do. They are the same for all users, and so are set as the default, with
 * one start of Kafka's tool instead of one per user. Followers fetch from their leaders without a quota.
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

/** The quotas, as Kafka's tool describes them. */
export async function describeKafkaQuotas(
  brokers: readonly string[],
  security: KafkaSecurity,
): Promise<string> {
  return await configCommand([...ofAllUsers, '--describe'], brokers, security)
}

const ofAllUsers = ['--entity-type', 'users', '--entity-default']

import type { ConfigResourceTypes } from 'kafkajs'

// The resources that have settings in Kafka. KafkaJS declares its enum and does not export it.
export const topicResource: ConfigResourceTypes.TOPIC = 2
export const brokerResource: ConfigResourceTypes.BROKER = 4

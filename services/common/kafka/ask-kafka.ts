import type { Admin, Kafka } from './create-client.ts'
import { withAdmin } from './with-admin.ts'

/** Kafka did not answer a caller's question; `cause` is the reason. A retry helps once Kafka is back. */
export class KafkaAwayError extends Error {
  override readonly name = 'KafkaAwayError'
  readonly code = 'KAFKA_AWAY'
}

/** Asks Kafka on behalf of a caller. @throws KafkaAwayError if it does not answer */
export async function askKafka<T>(kafka: Kafka, ask: (admin: Admin) => Promise<T>): Promise<T> {
  try {
    return await withAdmin(kafka, ask)
  } catch (cause) {
    throw new KafkaAwayError('The service cannot reach Kafka at the moment; try again', { cause })
  }
}

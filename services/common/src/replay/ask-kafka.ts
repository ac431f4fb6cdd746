import type { Admin, Kafka } from '../kafka/client.ts'
import { withAdmin } from '../kafka/with-admin.ts'
import { ApiError, Code } from '../status/errors.ts'

/** Asks Kafka on behalf of a call. @throws ApiError UNAVAILABLE (NOT_READY) if it does not answer */
export async function askKafka<T>(kafka: Kafka, ask: (admin: Admin) => Promise<T>): Promise<T> {
  try {
    return await withAdmin(kafka, ask)
  } catch (cause) {
    const message = 'The service cannot reach Kafka at the moment; try again'
    throw new ApiError({ code: Code.UNAVAILABLE, reason: 'NOT_READY', message, cause })
  }
}

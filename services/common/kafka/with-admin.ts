import type { Admin, Kafka } from './create-client.ts'

/**
 * Lends a connected admin client, for questions that are asked now and then.
 *
 * @throws Error if Kafka does not answer soon
 */
export async function withAdmin<T>(kafka: Kafka, ask: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin({ retry: { retries: 3, initialRetryTime: 100, maxRetryTime: 1_000 } })
  await admin.connect()
  try {
    return await ask(admin)
  } finally {
    await admin.disconnect().catch(() => {
      // It has answered, or has failed already.
    })
  }
}

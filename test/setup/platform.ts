import { hostileCollation, hostileSettings } from '@boxoffice/common/testing/hostile-settings.ts'
import { startTemporaryPlatform } from '../../scripts/platform/temporary-platform.ts'

let stop: (() => Promise<void>) | undefined

/**
 * Starts three Kafka brokers and PostgreSQL before the first test, on free ports and in a temporary folder. Tests
 * create their own databases and topics. With BOXOFFICE_TEST_PLATFORM=none, for unit tests alone, nothing is started.
 * With TEST_KAFKA_BROKERS and TEST_POSTGRES_URL (see scripts/platform/dev.ts) those servers are used.
 */
export async function mochaGlobalSetup(): Promise<void> {
  if (process.env.BOXOFFICE_TEST_PLATFORM === 'none') return
  if (process.env.TEST_KAFKA_BROKERS && process.env.TEST_POSTGRES_URL) return
  const platform = await startTemporaryPlatform({
    postgresSettings: hostileSettings,
    postgresCollation: hostileCollation,
  })
  stop = platform.stop
  process.env.TEST_KAFKA_BROKERS = platform.kafka.addresses.join(',')
  process.env.TEST_POSTGRES_URL = platform.postgres.adminUrl
}

/** Runs even if tests have failed. If mocha is interrupted or killed, the platform's guard cleans up instead. */
export async function mochaGlobalTeardown(): Promise<void> {
  await stop?.()
}

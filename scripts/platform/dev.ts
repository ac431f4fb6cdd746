import { once } from 'node:events'
import { hostileCollation, hostileSettings } from '@boxoffice/common/testing/hostile-settings.ts'
import { startTemporaryPlatform } from './temporary-platform.ts'

// node scripts/platform/dev.ts: starts a platform for running single tests, until Ctrl-C.
const startedAt = performance.now()
console.error('starting three Kafka brokers and PostgreSQL …')
const platform = await startTemporaryPlatform({
  postgresSettings: hostileSettings,
  postgresCollation: hostileCollation,
})
const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
console.error(`ready in ${seconds} s in ${platform.dir}; Ctrl-C stops it and removes the folder`)
console.log(`export TEST_KAFKA_BROKERS=${platform.kafka.addresses.join(',')}`)
console.log(`export TEST_POSTGRES_URL=${platform.postgres.adminUrl}`)

const keepAlive = setInterval(() => {}, 60_000)
await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM'), once(process, 'SIGHUP')])
clearInterval(keepAlive)
await platform.stop()
process.exit(0)

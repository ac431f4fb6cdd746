import { hostileCollation, hostileSettings } from '@boxoffice/common/testing/hostile-settings.ts'
import { startTestSystem, type TestSystem } from './start-test-system.ts'

export type { TestSystem } from './start-test-system.ts'

let started: Promise<TestSystem> | undefined

/**
 * The system that the end-to-end tests share: three brokers, PostgreSQL, two replicas of each service with a relay
 * beside each, and the console, each in its own process. The first caller starts it; it stops after the last test.
 */
export function sharedSystem(): Promise<TestSystem> {
  started ??= startTestSystem({
    replicas: 2,
    consoles: 1,
    postgresSettings: hostileSettings,
    postgresCollation: hostileCollation,
    // No test can wait ten minutes to see what happens to an idle connection.
    brokerProperties: { 'connections.max.idle.ms': '30000' },
    env: {
      ASK_AGAIN_AFTER_MS: '3s',
      LOG_LEVEL: 'warn',
      // A test that measures memory opens the inspectors of all processes at once.
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --inspect-port=0`,
      // Some tests hold many seats while a part is broken, so that none is sold for a while.
      OPEN_HOLDS_PER_USER_MAX: '1000',
    },
  })
  return started
}

// Registered while mocha loads the test files, so it belongs to the root suite.
after('stop the shared system', async () => {
  const system = await started?.catch(() => undefined)
  await system?.stop()
})

import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import { DatabaseHeldError } from '../sql/held.ts'
import { createRestorer, type RestorerOptions } from './restorer.ts'

describe('a restorer whose database is held', () => {
  it('looks again after a failure, until it can see the restore', async function () {
    this.timeout(10_000)
    let attempts = 0
    let closed = 0
    const noRestore = { query: async () => [] }
    const restorer = createRestorer({
      name: 'billing',
      log: createLog({ service: 'test', level: 'silent' }),
      database: { transaction: () => Promise.reject(new DatabaseHeldError()) },
      async openHeld() {
        attempts += 1
        if (attempts === 1) throw new Error('the password file is being replaced')
        return {
          transaction: (fn: (sql: typeof noRestore) => unknown) => fn(noRestore),
          async close() {
            closed += 1
          },
        }
      },
    } as unknown as RestorerOptions<never>)
    restorer.resume()
    const deadline = Date.now() + 8_000
    while (attempts < 2 && Date.now() < deadline) await new Promise((wake) => setTimeout(wake, 20))
    await restorer.stop()
    expect({ attempts, closed }).to.deep.equal({ attempts: 2, closed: 1 })
  })
})

import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { expect } from 'chai'
import type { SqlDatabase } from '../sql/sql.ts'
import { observeDeadLetters } from './dead-letter-metrics.ts'

describe('the metrics of dead letters', () => {
  it('ask once while the database hangs, and delay no scrape', async () => {
    let answer = Promise.withResolvers<object[]>()
    let asked = 0
    const query = (): Promise<unknown> => {
      asked += 1
      return answer.promise
    }
    const database = {
      transaction: (work: (sql: unknown) => Promise<unknown>) => work({ query }),
    } as unknown as SqlDatabase
    const metrics = createMetrics('shown')
    observeDeadLetters(metrics, { consumer: 'wallet', database, maxAgeMs: 0, waitMsMax: 20 })
    const shown = async (): Promise<string | undefined> =>
      (await metrics.registry.metrics()).split('\n').find((line) => line.startsWith('boxoffice_parked_keys{'))

    expect(await shown()).to.equal(undefined)
    expect(await shown()).to.equal(undefined)
    expect(asked).to.equal(1)

    answer.resolve([{ reason: null, count: 3, seconds: 0 }])
    expect(await shown()).to.match(/ 3$/)
    answer = Promise.withResolvers()
    expect(await shown(), 'the last values stay').to.match(/ 3$/)
    answer.reject(new Error('away'))
    expect(await shown()).to.match(/ 3$/)
  })
})

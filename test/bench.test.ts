import { expect } from 'chai'
import { startBrokerMetrics } from '../scripts/bench/broker-metrics.ts'
import type { Measurement } from '../scripts/bench/closed-loop.ts'
import { measureLoads } from '../scripts/bench/loads.ts'
import { loadNames, readOptions } from '../scripts/bench/options.ts'
import { outboxesEmpty } from '../scripts/bench/settle.ts'
import { underTest } from '../scripts/bench/system-under-test.ts'
import { expectBalancedBooks } from './support/books.ts'
import { sharedSystem } from './support/shared-system.ts'

const checkouts = 40

describe('the benchmark', function () {
  this.timeout(180_000)

  it('gets through all of its load, and reads what the brokers counted during it', async () => {
    const shared = await sharedSystem()
    const system = underTest(shared)
    const databases = Object.values(system.addresses.services).map(({ databaseUrl }) => databaseUrl)
    const { signal } = new AbortController()
    const brokers = await startBrokerMetrics(system.processes)
    const loads = await measureLoads({
      system,
      options: readOptions([...loadNames, ...['--checkouts', String(checkouts)], ...['--seconds', '2']]),
      brokers,
      progress: { say: () => undefined, step: () => () => undefined, stop: () => undefined },
      signal,
      warmUp: { checkouts: 1, callers: 1 },
      atRest: () => outboxesEmpty(databases, signal),
      run: (_, measure) => measure(),
    }).finally(() => brokers?.stop())

    expect(Object.keys(loads)).to.deep.equal(loadNames)
    for (const [name, { calls, seconds, latencyMs }] of Object.entries(loads)) {
      expect(calls, name).to.equal(checkouts)
      expect(seconds, name).to.be.above(0)
      expect(latencyMs.p50, name).to.be.above(0)
    }
    expect(producedBy(loads.burst)).to.be.above(0)
    await expectBalancedBooks(shared)
  })
})

/** The records appended by each produce request, as the brokers counted them and as they were read over JMX. */
function producedBy(burst: Measurement | undefined): number {
  const { requestsPerSecond, recordsPerAppend, cpuMsPerRequest } = burst?.spent.brokers ?? {}
  expect(requestsPerSecond).to.include.keys('Produce', 'FetchFollower', 'FetchConsumer')
  expect(cpuMsPerRequest).to.be.above(0)
  return recordsPerAppend ?? 0
}

import { expect } from 'chai'
import { lastJsonLine } from './by-turns.ts'
import { comparableFigures } from './comparable.ts'
import { compare, renderComparison } from './compare.ts'

describe('a comparison by turns', () => {
  it('is the ratio of each round of ours to the round of theirs beside it', () => {
    const [figure] = compare([{ burst: 300 }, { burst: 100 }], [{ burst: 200 }, { burst: 100 }])
    expect(figure).to.deep.equal({
      name: 'burst',
      ours: [300, 100],
      theirs: [200, 100],
      ratio: { median: 1.25, least: 1, most: 1.5 },
    })
  })

  it('has a line for each figure that both have', () => {
    const comparisons = compare([{ burst: 300, holds: 900 }], [{ burst: 200, rush: 9 }])
    expect(renderComparison(comparisons, 'peer').split('\n').slice(1)).to.deep.equal([
      `${'burst'.padEnd(42)} 300 | 200 | × 1.50 (1.50 to 1.50)`,
    ])
  })
})

describe('the comparable figures', () => {
  const scenarios = {
    burst: {
      perSecond: 280,
      latencyMs: { p50: 4_000, p99: 9_000 },
      cpuMsPerCallByPart: { system: 11, postgres: 2.5 },
      brokers: { requestsPerSecond: { Produce: 140 }, recordsPerAppend: 4, cpuMsPerRequest: 0 },
    },
  }

  it("are this bench's by scenario, without those that are 0", () => {
    expect(comparableFigures({ scenarios, commit: 'abc' })).to.deep.equal({
      'burst: a second': 280,
      'burst: p50 ms': 4_000,
      'burst: p99 ms': 9_000,
      'burst: CPU ms a call, system': 11,
      'burst: CPU ms a call, postgres': 2.5,
      'burst: brokers, Produce/s': 140,
      'burst: brokers, recordsPerAppend': 4,
    })
  })

  it("are an earlier commit's, which had no scenarios", () => {
    const earlier = { checkoutsPerSecond: 120, latencyMs: { p50: 44, p99: 100 }, relay: null }
    expect(comparableFigures(earlier)).to.deep.equal({
      'full: a second': 120,
      'rate: p50 ms': 44,
      'rate: p99 ms': 100,
    })
  })

  it("are another engine's under the names that ours have", () => {
    const engine = {
      ...{ throughput: 260, p50: 11, p99: 20, cpuSecondsPerSaga: 0.004 },
      cpuMsPerSagaByPart: { server: 3, postgres: 2 },
    }
    expect(comparableFigures(engine)).to.deep.equal({
      'burst: a second': 260,
      'rate: p50 ms': 11,
      'rate: p99 ms': 20,
      'burst: CPU ms a call, system': 4,
      'burst: CPU ms a call, postgres': 2,
    })
  })

  it("are a relay's where rows were inserted", () => {
    const relay = { insertsPerSecond: 3_000, throughput: 2_900, p50: 6, p99: 12 }
    expect(comparableFigures(relay)).to.include({ 'relay: a second': 2_900, 'relay: p50 ms': 6 })
  })
})

describe('the line of JSON that a command ends with', () => {
  it('is the last one that is an object, whatever is written around it', () => {
    expect(lastJsonLine('{"a":1}\n{"b":2}\n{ not one\ndone\n')).to.deep.equal({ b: 2 })
  })

  it('is missing where there is none', () => {
    expect(lastJsonLine('nothing\n')).to.equal(undefined)
  })
})

import { expect } from 'chai'
import { createHistogramWindow } from './histogram-window.ts'
import type { Sample } from './read-metrics.ts'

describe('histograms of the last minute', () => {
  it('have the quantiles of the observations of that minute, over all processes', () => {
    const window = createHistogramWindow(['wait_seconds'], 60_000)
    window.add([...waits('a', 1_000, 1_000, 1_000), ...waits('b', 0, 0, 0)], 0)
    window.add([...waits('a', 1_010, 1_010, 1_010), ...waits('b', 0, 10, 10)], 3_000)
    expect(window.quantiles('wait_seconds', [0.25, 0.5, 0.75, 1])).to.deep.equal([0.05, 0.1, 0.55, 1])
  })

  it('count observations above the last bound as equal to it', () => {
    const window = createHistogramWindow(['wait_seconds'], 60_000)
    window.add(waits('a', 0, 0, 0), 0)
    window.add(waits('a', 0, 0, 4), 3_000)
    expect(window.quantiles('wait_seconds', [0.5])).to.deep.equal([1])
  })

  it('are empty before the first observation, and again once it is too old', () => {
    const window = createHistogramWindow(['wait_seconds'], 60_000)
    expect(window.quantiles('wait_seconds', [0.5])).to.equal(undefined)
    window.add(waits('a', 0, 0, 0), 0)
    expect(window.quantiles('wait_seconds', [0.5])).to.equal(undefined)
    window.add(waits('a', 5, 5, 5), 3_000)
    expect(window.quantiles('wait_seconds', [0.5])).to.deep.equal([0.05])
    window.add(waits('a', 5, 5, 5), 70_000)
    expect(window.quantiles('wait_seconds', [0.5])).to.equal(undefined)
  })

  it('count a restarted process from its start', () => {
    const window = createHistogramWindow(['wait_seconds'], 60_000)
    window.add(waits('a', 0, 500, 500), 0)
    window.add(waits('a', 1, 1, 1), 3_000)
    window.add(waits('a', 1, 5, 5), 6_000)
    expect(window.quantiles('wait_seconds', [0.5])).to.deep.equal([0.55])
  })

  it('keep the series of several consumers and histograms apart', () => {
    const window = createHistogramWindow(['wait_seconds'], 60_000)
    const samplesOf = (payment: number, point: number) => [
      ...waits('a', payment, payment, payment, { consumer: 'payment' }),
      ...waits('a', 0, point, point, { consumer: 'point' }),
      ...waits('a', payment, payment, payment).map((sample) => ({ ...sample, name: 'other_bucket' })),
    ]
    window.add(samplesOf(0, 1_000), 0)
    window.add(samplesOf(4, 1_004), 3_000)
    expect(window.quantiles('wait_seconds', [0.5, 1])).to.deep.equal([0.1, 1])
    expect(window.quantiles('other', [0.5])).to.equal(undefined)
  })
})

/** The histogram of waits that a process reports: the number up to 0.1 s, up to 1 s, and in all. */
function waits(instance: string, short: number, long: number, all: number, labels = {}): Sample[] {
  return Object.entries({ '0.1': short, '1': long, '+Inf': all }).map(([le, value]) => ({
    name: 'wait_seconds_bucket',
    labels: { ...labels, le },
    instance,
    value,
  }))
}

import { expect } from 'chai'
import { parseMetrics } from './read-metrics.ts'

describe('reading metrics', () => {
  it('returns names, labels and values, and skips comments', () => {
    const text = '# HELP a_total What\n# TYPE a_total counter\na_total 3\nb{service="point",x="1"} 0.5\n'
    expect(parseMetrics(text, 'a:1')).to.deep.equal([
      { instance: 'a:1', name: 'a_total', labels: {}, value: 3 },
      { instance: 'a:1', name: 'b', labels: { service: 'point', x: '1' }, value: 0.5 },
    ])
  })
})

import { expect } from 'chai'
import { textOf } from './finding.ts'
import { judgeBrokers } from './judge-brokers.ts'
import { withReplicas } from './topic-manifests.ts'

const spec = { name: 'orders', partitions: 12, replicas: 3, config: { 'min.insync.replicas': '2' } }

describe('The brokers of a cluster', () => {
  it('are fine as three', () => {
    expect(judge(3).map(({ severity }) => severity)).to.deep.equal(['fine'])
  })

  for (const count of [1, 2]) {
    it(`are a problem as ${count}; the finding says how many are missing and how to run with fewer`, () => {
      const [finding, ...rest] = judge(count)
      expect(rest).to.deep.equal([])
      expect(finding?.severity).to.equal('problem')
      expect(finding && textOf(finding)).to.match(
        new RegExp(`^Kafka has ${count} brokers?\\. .* 3 are needed\\. .*--replication-factor ${count} `),
      )
    })

    it(`may be ${count} for development; the finding says the price`, () => {
      const [finding] = judgeBrokers(
        { brokers: brokers(count), topics: [], offsetsReplicas: count, minInSync: 1 },
        [withReplicas(spec, count)],
      )
      expect(finding?.severity).to.equal('warning')
      expect(finding?.found).to.include('for development')
    })
  }

  it('are a problem if they cannot create the topic of committed offsets', () => {
    const found = judgeBrokers({ brokers: brokers(1), topics: [], offsetsReplicas: 3, minInSync: 1 }, [
      withReplicas(spec, 1),
    ])
    expect(found[0]?.found).to.equal('Kafka wants offsets.topic.replication.factor=3 and has 1 broker.')
  })

  it('are a problem if offsets need more acknowledgements than there are brokers', () => {
    const cluster = { brokers: brokers(1), topics: [], offsetsReplicas: 1, minInSync: 2 }
    const [finding] = judgeBrokers(cluster, [withReplicas(spec, 1)])
    expect(finding?.found).to.equal(
      'The brokers have min.insync.replicas=2, and their topic of offsets has 1 copy.',
    )
  })

  it('acknowledge with two copies if there are two', () => {
    expect(withReplicas(spec, 2).config['min.insync.replicas']).to.equal('2')
    expect(withReplicas(spec, 1).config['min.insync.replicas']).to.equal('1')
    expect(withReplicas(spec, 5).config['min.insync.replicas']).to.equal('2')
  })
})

function judge(count: number) {
  return judgeBrokers(
    { brokers: brokers(count), topics: [], offsetsReplicas: undefined, minInSync: undefined },
    [spec],
  )
}

function brokers(count: number) {
  return Array.from({ length: count }, (_, id) => ({ id, host: 'localhost', port: 9092 + id }))
}

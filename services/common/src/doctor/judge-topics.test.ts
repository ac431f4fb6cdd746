import type { TopicDescription } from '@boxoffice/kafka'
import { expect } from 'chai'
import { textOf } from './finding.ts'
import { judgeTopics } from './judge-topics.ts'

const spec = {
  name: 'orders',
  partitions: 12,
  replicas: 3,
  config: {
    'cleanup.policy': 'delete',
    'min.insync.replicas': '2',
    'retention.ms': '1000',
    'segment.ms': '100',
    'max.message.bytes': '1048576',
    'message.timestamp.type': 'LogAppendTime',
  },
}

describe('The settings of a topic', () => {
  it('are fine as in the manifests, and if they keep more', () => {
    expect(judge({})).to.deep.equal([])
    expect(judge({ 'retention.ms': '-1', 'max.message.bytes': '2000000', 'segment.ms': '99' })).to.deep.equal(
      [],
    )
    expect(judge({}, 24)).to.deep.equal([])
  })

  const wrong = {
    'cleanup.policy': ['compact', 'compact,delete', 'delete,compact'],
    'message.timestamp.type': ['CreateTime'],
    'min.insync.replicas': ['1'],
    'retention.ms': ['999'],
    'max.message.bytes': ['1048575'],
    'retention.bytes': ['1073741824'],
    'unclean.leader.election.enable': ['true'],
  }
  for (const [name, values] of Object.entries(wrong)) {
    for (const value of values) {
      it(`are a problem with ${name}=${value}; the finding says what is needed and what to type`, () => {
        const [finding, ...rest] = judge({ [name]: value })
        expect(rest).to.deep.equal([])
        expect(finding?.severity).to.equal('problem')
        expect(finding?.found).to.equal(`Topic orders has ${name}=${value}.`)
        expect(finding?.needed).to.match(/^Boxoffice needs .+: .+\.$/)
        expect(finding?.advice).to.include(`--entity-name orders --add-config ${name}=`)
      })
    }
  }

  it('are a warning if segments are longer, because that loses nothing', () => {
    expect(judge({ 'segment.ms': '101' }).map(({ severity }) => severity)).to.deep.equal(['warning'])
  })

  it('are a problem with too few partitions or copies', () => {
    expect(judge({}, 1).map(({ found }) => found)).to.deep.equal(['Topic orders has partitions=1.'])
    const found = judge({}, 12, { replicas: 2, inSync: 2 })
    expect(found.map((finding) => finding.found)).to.deep.equal(['Topic orders has replicas=2.'])
  })

  it('are a problem if no record can be acknowledged', () => {
    const [finding] = judge({ 'min.insync.replicas': '4' })
    expect(finding?.found).to.equal('Topic orders has min.insync.replicas=4 and 3 replicas.')
    const [behind] = judge({}, 12, { inSync: 1 })
    expect(behind?.found).to.equal('Topic orders has 12 partitions with fewer than 2 replicas in sync.')
    const [leaderless] = judge({}, 12, { hasLeader: false })
    expect(leaderless?.found).to.equal('Topic orders has 12 partitions without a leader.')
  })

  it('share a finding if topics deviate in the same way', () => {
    const names = ['a', 'b', 'c', 'd']
    const found = judgeTopics(
      names.map((name) => ({ ...spec, name })),
      names.map((name) => topic({ 'cleanup.policy': 'compact' }, 12, {}, name)),
    )
    expect(found.map(textOf)).to.have.length(1)
    expect(found[0]?.found).to.equal('Topics a, b, c and 1 more have cleanup.policy=compact.')
  })
})

function judge(config: Readonly<Record<string, string>>, partitions?: number, partition: object = {}) {
  return judgeTopics([spec], [topic(config, partitions, partition)])
}

function topic(
  config: Readonly<Record<string, string>>,
  partitions = 12,
  partition: object = {},
  name = 'orders',
): TopicDescription {
  const broker = { 'retention.bytes': '-1', 'unclean.leader.election.enable': 'false' }
  return {
    name,
    partitions: Array.from({ length: partitions }, () => ({
      hasLeader: true,
      replicas: 3,
      inSync: 3,
      ...partition,
    })),
    config: { ...broker, ...spec.config, ...config },
  }
}

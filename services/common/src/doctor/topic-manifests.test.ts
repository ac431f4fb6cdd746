import { readFile } from 'node:fs/promises'
import { expect } from 'chai'
import { parseTopics, topicsFile } from './topic-manifests.ts'

describe('the topic manifests', () => {
  it('declare every topic of the system with its dead letters', async () => {
    const names = parseTopics(await readFile(topicsFile, 'utf8')).map((topic) => topic.name)
    const sources = [
      'point-commands',
      'point-events',
      'reservation-commands',
      'reservation-events',
      'payment-events',
    ]
    expect(names).to.have.members([...sources, ...sources.map((source) => `${source}-dlt`)])
  })

  it('keep three copies, two of them acknowledged, and let dead letters be larger', async () => {
    const topics = parseTopics(await readFile(topicsFile, 'utf8'))
    for (const { name, partitions, replicas, config } of topics) {
      expect({ partitions, replicas, acknowledged: config['min.insync.replicas'] }, name).to.deep.equal({
        partitions: 12,
        replicas: 3,
        acknowledged: '2',
      })
      const source = topics.find((topic) => `${topic.name}-dlt` === name)
      if (source) {
        expect(Number(config['max.message.bytes'])).to.be.above(Number(source.config['max.message.bytes']))
      }
    }
  })

  it('are read with numbers or text as values', () => {
    const [topic] = parseTopics(manifest('retention.ms: 604800000'))
    expect(topic).to.deep.equal({
      name: 'orders',
      partitions: 3,
      replicas: 1,
      config: { 'retention.ms': '604800000' },
    })
  })

  it('are refused if a document is something else', () => {
    const yaml = `${manifest('retention.ms: 1')}---\napiVersion: v1\nkind: ConfigMap\n`
    expect(() => parseTopics(yaml)).to.throw('document 2 is not a KafkaTopic of kafka.strimzi.io/v1')
  })

  it('are refused if they are not YAML', () => {
    expect(() => parseTopics('a: [1')).to.throw(/^document 1: /)
  })
})

function manifest(config: string): string {
  return `apiVersion: kafka.strimzi.io/v1
kind: KafkaTopic
metadata: { name: orders }
spec:
  partitions: 3
  replicas: 1
  config: { ${config} }
`
}

import { randomUUID } from 'node:crypto'
import { createServer } from 'node:net'
import { createTopics, type TopicSpec, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'
import { createKafka } from '../kafka/client.ts'
import { examineKafka } from './examine-kafka.ts'
import { textOf } from './finding.ts'
import { readTopicManifests } from './topic-manifests.ts'

describe('Examining Kafka', () => {
  let brokers: readonly string[]
  let kafka: ReturnType<typeof createKafka>
  const names: string[] = []
  let needed: TopicSpec

  before(async () => {
    brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',')
    kafka = createKafka({ brokers, clientId: 'examine-kafka-test' })
    const [first] = await readTopicManifests()
    if (first === undefined) throw new Error('there are no manifests')
    needed = first
  })

  after(() => withAdmin(kafka, (admin) => admin.deleteTopics({ topics: names })))

  it('finds nothing wrong with topics that are created from the manifests', async () => {
    const found = await examineTopic({})
    expect(found.map(({ severity }) => severity)).to.deep.equal(['fine', 'fine'])
  })

  const wrong: Readonly<Record<string, { partitions?: number; replicas?: number; config?: object }>> = {
    'partitions=1': { partitions: 1 },
    'replicas=2': { replicas: 2 },
    'cleanup.policy=compact': { config: { 'cleanup.policy': 'compact' } },
    'message.timestamp.type=CreateTime': { config: { 'message.timestamp.type': 'CreateTime' } },
    'min.insync.replicas=1': { config: { 'min.insync.replicas': '1' } },
    'retention.ms=3600000': { config: { 'retention.ms': '3600000' } },
    'max.message.bytes=1000': { config: { 'max.message.bytes': '1000' } },
    'retention.bytes=100000': { config: { 'retention.bytes': '100000' } },
    'unclean.leader.election.enable=true': { config: { 'unclean.leader.election.enable': 'true' } },
  }
  for (const [setting, { config = {}, ...changes }] of Object.entries(wrong)) {
    it(`reports what a topic with ${setting} needs`, async () => {
      const found = await examineTopic({ ...changes, config: { ...needed.config, ...config } })
      const problems = found.filter(({ severity }) => severity === 'problem')
      expect(problems.map((finding) => finding.found)).to.deep.equal([
        `Topic ${names.at(-1)} has ${setting}.`,
      ])
    })
  }

  it('reports missing topics, unless they are about to be created', async () => {
    const name = randomUUID()
    const examination = { kafka, brokers, specs: [{ ...needed, name }] }
    const found = await examineKafka({ ...examination, missing: 'problem' })
    expect(found.map(textOf).join('\n')).to.include(`These topics are missing, or may not be seen: ${name}.`)
    const quiet = await examineKafka({ ...examination, missing: 'made' })
    expect(quiet.every(({ severity }) => severity === 'fine')).to.equal(true)
  })

  it('reports in sentences that nothing answers', async () => {
    const nowhere = ['127.0.0.1:1']
    const [finding] = await examineKafka({
      kafka: createKafka({ brokers: nowhere, clientId: 'examine-kafka-test' }),
      brokers: nowhere,
      specs: [needed],
      missing: 'made',
    })
    expect(finding?.severity).to.equal('problem')
    expect(finding && textOf(finding)).to.match(
      /^Kafka cannot be used at 127\.0\.0\.1:1 \(connect ECONNREFUSED/,
    )
  })

  it('reports in sentences that something other than Kafka answers', async () => {
    const server = createServer((socket) => {
      // Clients that only test the connection are gone before the answer.
      socket.on('error', () => {})
      socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const at = [`127.0.0.1:${(server.address() as { port: number }).port}`]
    try {
      const other = createKafka({ brokers: at, clientId: 'examine-kafka-test' })
      const [finding] = await examineKafka({ kafka: other, brokers: at, specs: [needed], missing: 'made' })
      expect(finding?.found).to.match(/^Kafka cannot be used at 127\.0\.0\.1:\d+ \(.+\)\.$/)
    } finally {
      server.close()
    }
  })

  async function examineTopic(changes: Partial<TopicSpec>) {
    const spec = { ...needed, ...changes, name: `examine-${randomUUID()}` }
    names.push(spec.name)
    await createTopics(kafka, [spec])
    return await examineKafka({ kafka, brokers, specs: [{ ...needed, name: spec.name }], missing: 'problem' })
  }
})

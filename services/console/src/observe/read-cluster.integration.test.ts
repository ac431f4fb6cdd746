import { randomUUID } from 'node:crypto'
import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { until } from '@boxoffice/common/testing/consumer-fixture.ts'
import { createTopics, withAdmin } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { GroupView } from '../contract/answers.ts'
import { type Cluster, connectCluster } from './read-cluster.ts'

describe('the lag that the console shows', () => {
  let kafka: Kafka
  let cluster: Cluster
  let topic: string
  let deadLetters: string
  let group: string

  beforeEach(async () => {
    kafka = createKafka({ brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','), clientId: 'test' })
    const nth = randomUUID().slice(0, 8)
    topic = `lag-${nth}`
    deadLetters = `${topic}-dlt`
    group = `reads-${nth}`
    await createTopics(
      kafka,
      [topic, deadLetters].map((name) => ({ name, partitions: 3, replicas: 1, config: {} })),
    )
    cluster = connectCluster(kafka, { [group]: [topic, deadLetters] })
    await send(topic, [4, 2, 0])
    await send(deadLetters, [0, 0, 1])
  })
  afterEach(() => cluster.close())

  it('is the number of all records for a service that has never read', async () => {
    // For a moment a new cluster has no coordinator for its first group.
    await until('all counts', async () => (await lag().catch(() => undefined)) === 7)
  })

  it('includes partitions without a commit of the group, and topics that the caller did not ask for', async () => {
    await commit([[1, 1]])
    await until('its commit counts', async () => (await lag()) === 6)
    expect(await shown(cluster)).to.deep.equal([
      `${topic}: 5 behind`,
      'nothing of 4',
      '1 of 2',
      'nothing of 0',
      `${deadLetters}: 1 behind`,
      'nothing of 0',
      'nothing of 0',
      'nothing of 1',
    ])
  })

  it('includes all partitions of a topic that a group has read, even if the group belongs to no known service', async () => {
    await commit([[1, 2]])
    const stranger = connectCluster(kafka)
    const seen = await shown(stranger).finally(() => stranger.close())
    expect(seen).to.deep.equal([`${topic}: 4 behind`, 'nothing of 4', '2 of 2', 'nothing of 0'])
  })

  /** Asks for the lag as the overview does. */
  const lag = async (): Promise<number> => await cluster.lagOf(group, await cluster.ranges([topic]))

  async function commit(offsets: readonly (readonly [number, number])[]): Promise<void> {
    await withAdmin(kafka, (admin) =>
      admin.setOffsets({
        groupId: group,
        topic,
        partitions: offsets.map(([partition, offset]) => ({ partition, offset: String(offset) })),
      }),
    )
  }

  async function send(to: string, counts: readonly number[]): Promise<void> {
    const producer = kafka.producer({ allowAutoTopicCreation: false })
    await producer.connect()
    const messages = counts.flatMap((count, partition) =>
      Array.from({ length: count }, (_, nth) => ({ partition, value: `${nth}` })),
    )
    await producer.send({ topic: to, messages })
    await producer.disconnect()
  }

  /** The group as the page shows it, once the brokers list it with its topics. */
  async function shown(by: Cluster): Promise<string[]> {
    let view: GroupView | undefined
    await until('the group is listed', async () => {
      view = (await by.groups()).find((found) => found.group === group)
      return view !== undefined
    })
    return (view?.topics ?? []).flatMap(({ topic: name, lag: behind, partitions }) => [
      `${name}: ${behind} behind`,
      ...partitions.map(({ committed, end }) => `${committed ?? 'nothing'} of ${end}`),
    ])
  }
})

import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import { createKafkaClient, type Kafka } from './create-client.ts'
import { createTopics } from './create-topics.ts'
import { type GroupMember, startGroupMember } from './group-member.ts'
import { type ConsumerGroup, GroupReader } from './group-reader.ts'
import { defaultGroupTimes } from './group-times.ts'
import { oldestUnreadAgeMs } from './oldest-unread.ts'

describe('the reader of consumer groups', () => {
  let kafka: Kafka
  let reader: GroupReader
  let topic: string
  let groupId: string
  const members: GroupMember[] = []

  beforeEach(async () => {
    kafka = createKafkaClient({
      brokers: (process.env.TEST_KAFKA_BROKERS ?? '').split(','),
      clientId: 'test',
    })
    reader = new GroupReader(kafka)
    topic = `groups-${randomUUID()}`
    groupId = `reads-${randomUUID()}`
    await createTopics(kafka, [{ name: topic, partitions: 4, replicas: 1, config: {} }])
  })
  afterEach(async () => {
    await Promise.all(members.splice(0).map((member) => member.leave()))
    await reader.close()
  })

  it('tells who reads which partitions, and how far each is', async () => {
    await send([3, 2, 0, 0])
    await join({ commit: true })
    await join({ commit: true })
    const group = await until(
      (one) =>
        one.state === 'Stable' && one.members.length === 2 && lagOf(one) === 0n && committedOf(one) === 5n,
    )
    expect(
      group.members.flatMap(({ partitions }) => partitions.map(({ partition }) => partition)).sort(),
    ).to.deep.equal([0, 1, 2, 3])
    expect(group.partitions.map(({ end }) => end)).to.deep.equal([3n, 2n, 0n, 0n])
    expect(group.members[0]).to.include({ clientId: 'test', host: '127.0.0.1' })
  })

  it('shows what was written while nobody reads, and for how long the oldest of it has waited', async () => {
    const now = Date.now()
    await send([1, 0, 0, 0], now - 10_000)
    const member = await join({ commit: true })
    await until((one) => committedOf(one) === 1n)
    await member.leave()
    await until((one) => one.state === 'Empty')
    await send([2, 0, 0, 0], now - 4_000)
    await send([2, 0, 0, 0], now - 1_500)
    const group = await until((one) => lagOf(one) === 4n)
    expect(group.partitions[0]).to.include({ begin: 0n, end: 5n, committed: 1n })
    for (const [unread, ageMs] of [
      [1n, 4_000],
      [3n, 1_500],
    ] as const) {
      const found = await reader.ask((admin) => oldestUnreadAgeMs(admin, topic, new Map([[0, unread]]), now))
      expect(Math.abs(found - ageMs), `age of ${unread}`).to.be.at.most(500)
    }
  })

  it('leaves out who is not wanted, and what is not there any more', async () => {
    const member = await join({ commit: true })
    await until(() => true)
    const others = await reader.read((id) => id !== groupId)
    expect(others.map((one) => one.groupId)).to.not.include(groupId)
    await member.leave()
    await until((one) => one.state === 'Empty')
    await reader.ask((admin) => admin.deleteGroups([groupId]))
    expect((await reader.read((id) => id === groupId)).map((one) => one.groupId)).to.deep.equal([])
  })

  it('fails as a whole when it cannot ask, and works again afterwards', async () => {
    await join({ commit: true })
    await until(() => true)
    const failure = await reader
      .ask(async () => {
        throw new Error('broken')
      })
      .catch((error: Error) => error.message)
    expect(failure).to.equal('broken')
    await until(() => true)
  })

  async function join({ commit }: { commit: boolean }): Promise<GroupMember> {
    const member: GroupMember = startGroupMember({
      kafka,
      groupId,
      topics: [topic],
      from: 'earliest',
      times: { ...defaultGroupTimes, maxWaitMs: 100 },
      log: createLog({ service: 'test', level: 'silent' }),
      onAssigned: () => {},
      async onBatch(batch) {
        batch.resolve(batch.end)
        const { partition, end: offset } = batch
        if (commit) await member.commit([{ topic, partition, offset }]).catch(() => {})
      },
    })
    members.push(member)
    const deadline = Date.now() + 30_000
    while (!member.joined()) {
      if (Date.now() > deadline) throw new Error('not joined')
      await sleep(20)
    }
    return member
  }

  async function send(counts: readonly number[], time = Date.now()): Promise<void> {
    const producer = kafka.producer()
    await producer.connect()
    const messages = counts.flatMap((count, partition) =>
      Array.from({ length: count }, (_, nth) => ({ partition, value: `${nth}`, timestamp: `${time}` })),
    )
    await producer.send({ topic, messages })
    await producer.disconnect()
  }

  async function until(isAsWanted: (group: ConsumerGroup) => boolean): Promise<ConsumerGroup> {
    const deadline = Date.now() + 30_000
    for (;;) {
      const [group] = await reader.read((id) => id === groupId)
      if (group !== undefined && isAsWanted(group)) return group
      if (Date.now() > deadline) throw new Error('the group is not as wanted')
      await sleep(50)
    }
  }
})

function lagOf({ partitions }: ConsumerGroup): bigint {
  return partitions.reduce((sum, { end, begin, committed }) => sum + end - (committed ?? begin), 0n)
}

function committedOf({ partitions }: ConsumerGroup): bigint {
  return partitions.reduce((sum, { committed }) => sum + (committed ?? 0n), 0n)
}

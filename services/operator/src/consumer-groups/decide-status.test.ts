import type { ConsumerGroup } from '@boxoffice/kafka'
import { expect } from 'chai'
import { type DeadLetters, decideStatus, ranges, statusWithoutKafka } from './decide-status.ts'
import type { ConsumerGroupStatus } from './resource.ts'

const now = new Date('2026-11-23T10:00:00Z')

const group = (changes: Partial<ConsumerGroup> = {}): ConsumerGroup => ({
  groupId: 'point',
  state: 'Stable',
  members: [
    {
      memberId: 'm-1',
      clientId: 'point',
      host: '10.0.0.7',
      partitions: [0, 1, 2, 5].map((partition) => ({ topic: 'point-commands', partition })),
    },
  ],
  partitions: [
    { topic: 'point-commands', partition: 0, begin: 0n, end: 50n, committed: 40n },
    { topic: 'point-commands', partition: 1, begin: 7n, end: 9n, committed: 3n },
    { topic: 'point-commands', partition: 2, begin: 5n, end: 5n, committed: undefined },
  ],
  ...changes,
})

function decide(
  observed: ConsumerGroup,
  {
    oldestUnread,
    deadLetters,
    before,
    at = now,
  }: {
    oldestUnread?: Date
    deadLetters?: DeadLetters
    before?: ConsumerGroupStatus
    at?: Date
  } = {},
): ConsumerGroupStatus {
  const podAt = (host: string) => (host === '10.0.0.7' ? 'point-abc' : undefined)
  return decideStatus({ group: observed, oldestUnread, deadLetters, podAt }, 1, before, at)
}

const condition = (status: ConsumerGroupStatus, type: string) =>
  status.conditions.find((condition) => condition.type === type)

describe('the status of a consumer group', () => {
  it('adds up records that are not committed and that retention has kept', () => {
    const status = decide(group(), { oldestUnread: new Date('2026-11-23T09:59:20Z') })
    expect(status.partitions.map(({ lag }) => lag)).to.deep.equal([10, 2, 0])
    expect(status).to.include({ lag: 12, lagSeconds: 40, oldestUnreadTime: '2026-11-23T09:59:20Z' })
    expect(status.partitions[2]).to.not.have.property('committedOffset')
  })

  it('shows which pod has which partitions', () => {
    expect(decide(group()).members).to.deep.equal([
      {
        memberId: 'm-1',
        clientId: 'point',
        host: '10.0.0.7',
        pod: 'point-abc',
        partitions: ['point-commands: 0-2, 5'],
      },
    ])
  })

  it('shows no seconds of lag without lag', () => {
    const partitions = [{ topic: 't', partition: 0, begin: 0n, end: 4n, committed: 4n }]
    const status = decide(group({ partitions }), { oldestUnread: new Date(0) })
    expect(status).to.include({ lag: 0, lagSeconds: 0 })
    expect(status).to.not.have.property('oldestUnreadTime')
  })

  it('keeps seconds of lag that are nearly right', () => {
    const oldestUnread = new Date(now.getTime() - 100_000)
    const before = decide(group(), { oldestUnread })
    const soon = new Date(now.getTime() + 4_000)
    expect(decide(group(), { oldestUnread, before, at: soon })).to.deep.equal(before)
    const later = new Date(now.getTime() + 9_000)
    expect(decide(group(), { oldestUnread, before, at: later }).lagSeconds).to.equal(109)
  })

  it('is consuming only while members have divided the partitions', () => {
    expect(condition(decide(group()), 'Consuming')).to.include({ status: 'True', reason: 'Stable' })
    const rebalancing = decide(group({ state: 'PreparingRebalance' }))
    expect(condition(rebalancing, 'Consuming')).to.include({ status: 'False', reason: 'Rebalancing' })
    const empty = decide(group({ state: 'Empty', members: [] }))
    expect(condition(empty, 'Consuming')).to.include({ status: 'False', reason: 'NoMembers' })
  })

  it('shows dead letters with a condition', () => {
    const some = decide(group(), { deadLetters: { count: 3, oldestTime: '2026-11-22T00:00:00Z' } })
    expect(some.deadLetters).to.deep.equal({ count: 3, oldestTime: '2026-11-22T00:00:00Z' })
    expect(condition(some, 'DeadLetters')).to.include({ status: 'True', reason: 'PutAside' })
    const none = decide(group(), { deadLetters: { count: 0 }, before: some })
    expect(none.deadLetters).to.deep.equal({ count: 0 })
    expect(condition(none, 'DeadLetters')).to.include({ status: 'False', reason: 'None' })
  })

  it('keeps the last number of dead letters while the service does not answer, with a condition', () => {
    const before = decide(group(), { deadLetters: { count: 3 } })
    const status = decide(group(), { deadLetters: { unreachable: 'no answer' }, before })
    expect(status.deadLetters).to.deep.equal({ count: 3 })
    expect(condition(status, 'DeadLetters')).to.include({ status: 'Unknown', reason: 'ServiceUnreachable' })
    const foreign = decide(group())
    expect(foreign).to.not.have.property('deadLetters')
    expect(condition(foreign, 'DeadLetters')).to.include({ status: 'Unknown', reason: 'NotKnown' })
  })

  it('keeps the last state while Kafka does not answer, with a condition that is set once', () => {
    const before = decide(group())
    const status = statusWithoutKafka(before, now)
    expect(status).to.include({ lag: before.lag, state: 'Stable' })
    expect(condition(status, 'Consuming')).to.include({ status: 'Unknown', reason: 'KafkaUnreachable' })
    expect(condition(status, 'DeadLetters')).to.deep.equal(condition(before, 'DeadLetters'))
    expect(statusWithoutKafka(status, new Date(now.getTime() + 60_000))).to.deep.equal(status)
  })

  it('writes partitions as ranges', () => {
    expect(ranges([7, 0, 1, 2, 4])).to.equal('0-2, 4, 7')
    expect(ranges([])).to.equal('')
  })
})

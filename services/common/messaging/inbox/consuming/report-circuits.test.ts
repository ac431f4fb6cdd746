import { expect } from 'chai'
import { Assignment } from '../assignment/assignment.ts'
import type { Circuit } from '../assignment/circuit.ts'
import { defaultConsumerSettings } from './consumer-settings.ts'
import type { ConsumerObserver } from './observe.ts'
import { reportCircuits } from './report-circuits.ts'

describe('the report of circuits', () => {
  it('has the one that closes because its partition goes on in another topic', () => {
    const seen: (Circuit['state'] | number)[] = []
    const observer: Pick<ConsumerObserver, 'circuit' | 'stoppedPartitions'> = {
      circuit: (_, { state }) => void seen.push(state),
      stoppedPartitions: (count) => void seen.push(count),
    }
    const at = { topic: 'test', partition: 0 }
    const circuits = reportCircuits(observer, defaultConsumerSettings, () => assignment)
    const assignment = new Assignment([at], circuits.changed)
    const [former, other] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']
    assignment.locate(
      [{ ...at, nextOffset: 9n, topicId: former, isRecreated: false, recentPoison: [7n, 8n] }],
      { batchLimitMax: 8, attemptsMax: 3, poisonWindow: 3 },
    )
    circuits.count()
    const partition = assignment.partition(at)
    if (partition === undefined) throw new Error('no partition')
    assignment.moveTo(partition, 5n, former)
    expect(seen, 'the same topic has the same poison').to.deep.equal([1, 1])
    assignment.moveTo(partition, 0n, other)
    expect(seen.slice(2)).to.deep.equal(['closed', 0])
  })
})

import { partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import type { TopicPartition } from '@boxoffice/kafka'
import { expect } from 'chai'
import { createHeldPartitions } from './held-partitions.ts'

describe('a partition that is held back', () => {
  it('is not fetched for as long as was asked last', async () => {
    const [slow, quick] = [partitionOf(0), partitionOf(1)]
    const resumed: TopicPartition[] = []
    const isQuickResumed = Promise.withResolvers<void>()
    const held = createHeldPartitions({
      pause() {},
      resume(at) {
        resumed.push(at)
        if (at === quick) isQuickResumed.resolve()
      },
    })
    held.hold(slow, 1)
    held.hold(slow, 600_000)
    held.hold(quick, 5)
    await isQuickResumed.promise
    expect(resumed).to.deep.equal([quick])
    held.release()
    expect(resumed).to.deep.equal([quick, slow])
  })

  it('stays paused, with all others, once the consumer stops', () => {
    const [waiting, other, later] = [partitionOf(0), partitionOf(1), partitionOf(2)]
    const steered: string[] = []
    const held = createHeldPartitions({
      pause: ({ partition }) => void steered.push(`pause ${partition}`),
      resume: ({ partition }) => void steered.push(`resume ${partition}`),
    })
    held.hold(waiting, 600_000)
    held.stop([waiting, other])
    held.hold(waiting, 0)
    held.release(later)
    held.release()
    expect(steered).to.deep.equal(['pause 0', 'pause 0', 'pause 1', 'pause 0', 'pause 2'])
  })

  it('is fetched again also where it did not wait', () => {
    const resumed: TopicPartition[] = []
    const held = createHeldPartitions({ pause() {}, resume: (at) => void resumed.push(at) })
    const partition = partitionOf(0)
    held.release(partition)
    expect(resumed).to.deep.equal([partition])
  })

  it('stays paused where another topic has its name meanwhile', () => {
    const partition = partitionOf(0)
    const resumed: TopicPartition[] = []
    const held = createHeldPartitions({ pause() {}, resume: (at) => void resumed.push(at) })
    held.hold(partition, 600_000)
    partition.isRecreated = true
    held.release(partition)
    expect(resumed).to.deep.equal([])
  })
})

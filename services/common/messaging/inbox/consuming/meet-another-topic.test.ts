import { partitionOf } from '@boxoffice/common/testing/fake-batches.ts'
import { expect } from 'chai'
import { Assignment } from '../assignment/assignment.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { meetAnotherTopic } from './meet-another-topic.ts'

describe('a batch of another topic', () => {
  it('is not read in a partition that waits for an operator: it is paused again, and nothing is asked', async () => {
    const partition = { ...partitionOf(0), isRecreated: true }
    const steered: string[] = []
    const parts = {
      member: { pause: () => void steered.push('pause') },
      locateOptions: { admin: { connect: () => void steered.push('ask Kafka') } },
      observer: { lost: (error: unknown) => void steered.push(String(error)) },
    }
    await meetAnotherTopic(parts as unknown as ConsumerParts, new Assignment([partition]), partition)
    expect(steered).to.deep.equal(['pause'])
  })
})

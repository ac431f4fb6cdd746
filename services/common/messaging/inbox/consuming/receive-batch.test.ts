import { batchOf } from '@boxoffice/common/testing/fake-batches.ts'
import type { FetchedBatch } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import { Assignment } from '../assignment/assignment.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { defaultConsumerSettings } from './consumer-settings.ts'
import { receiveBatch } from './receive-batch.ts'

const at = { topic: 'test', partition: 0 }
const [former, other] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002']

describe('a batch that is received', () => {
  let assignment: Assignment
  let batch: FetchedBatch
  let isPassedOver: boolean
  let seen: string[]
  let submit: () => Promise<{ kind: 'resolve' }>

  beforeEach(() => {
    assignment = new Assignment([at])
    seen = []
    batch = { ...batchOf(0, 0, 2), resolve: (offset) => void seen.push(`resolve ${offset}`) }
    isPassedOver = false
    submit = async () => ({ kind: 'resolve' })
  })

  it('waits until its partition has a position', async () => {
    const received = receiveBatch(parts(), batch)
    await new Promise(setImmediate)
    expect(seen).to.deep.equal([])
    locate()
    await received
    expect(seen).to.deep.equal(['settled', 'submit', 'resolve 0'])
  })

  it('comes again where no position is known, or where it is stale', async () => {
    await receiveBatch({ ...parts(), assignment: undefined }, batch)
    locate()
    await receiveBatch(parts(), { ...batch, isStale: () => true })
    assignment.end()
    await receiveBatch(parts(), batch)
    expect(seen).to.deep.equal([])
  })

  it('is passed over where it holds nothing for the handler', async () => {
    locate()
    isPassedOver = true
    await receiveBatch(parts(), batch)
    expect(seen).to.deep.equal(['resolve 0', 'rest'])
  })

  it('is not handled where it is of another topic', async () => {
    locate(true)
    await receiveBatch(parts(), { ...batch, topicId: other })
    expect(seen).to.deep.equal(['pause'])
  })

  it('keeps its partition from being watched while it is handled, also where that fails', async () => {
    const partition = locate()
    submit = async () => {
      seen.push(`handling ${partition.handling}`)
      throw new Error('the loop is broken')
    }
    const failure = await receiveBatch(parts(), batch).catch(String)
    expect(failure).to.equal('Error: the loop is broken')
    expect(seen).to.deep.equal(['settled', 'submit', 'handling true'])
    expect(partition.handling).to.equal(false)
  })

  function locate(isRecreated = false): AssignedPartition {
    assignment.locate([{ ...at, nextOffset: 0n, topicId: former, isRecreated, recentPoison: [] }], {
      batchLimitMax: 8,
      attemptsMax: 3,
      poisonWindow: 20,
    })
    return assignment.partition(at) as AssignedPartition
  }

  function parts(): ConsumerParts {
    const fakes = {
      settings: defaultConsumerSettings,
      assignment,
      member: { pause: () => void seen.push('pause') },
      loop: {
        submit() {
          seen.push('submit')
          return submit()
        },
      },
      passing: {
        pass: () => isPassedOver,
        rest: async () => void seen.push('rest'),
        settled: async () => void seen.push('settled'),
      },
    }
    return fakes as unknown as ConsumerParts
  }
})

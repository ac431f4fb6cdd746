import { batchOf } from '@boxoffice/common/testing/fake-batches.ts'
import type { FetchedBatch } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import { Assignment } from '../assignment/assignment.ts'
import type { BatchAction } from './committing-loop.ts'
import type { ConsumerParts } from './consumer-parts.ts'
import { defaultConsumerSettings } from './consumer-settings.ts'
import { handleBatch } from './handle-batch.ts'

const at = { topic: 'test', partition: 0 }

describe('the handling of a batch', () => {
  let assignment: Assignment
  let partition: AssignedPartition
  let batch: FetchedBatch
  let isStale: boolean
  /** What the loop leaves the batch with, one after the other. */
  let actions: BatchAction[]
  /** Where the database says that the partition stands. */
  let stored: bigint | Error
  /** Called when the loop or the database was asked, before it answers. */
  let onAsked: () => void
  /** What the partition was made to do. */
  let steered: string[]

  beforeEach(() => {
    assignment = new Assignment([at])
    assignment.locate([{ ...at, nextOffset: 0n, isRecreated: false, recentPoison: [] }], {
      batchLimitMax: 8,
      attemptsMax: 3,
      poisonWindow: 20,
    })
    partition = assignment.partition(at) as AssignedPartition
    isStale = false
    batch = {
      ...batchOf(0, 0, 2),
      isStale: () => isStale,
      resolve: (offset) => void steered.push(`resolve ${offset}`),
    }
    actions = []
    stored = 1n
    onAsked = () => {}
    steered = []
  })

  const handle = (): Promise<void> => handleBatch(parts(), assignment, partition, batch)

  it('is over with its commit', async () => {
    actions = [{ kind: 'resolve' }]
    await handle()
    expect(steered).to.deep.equal(['resolve 0'])
  })

  it('tries it again after a short wait, and gives it back for a long one', async () => {
    actions = [
      { kind: 'back-off', failures: 1 },
      { kind: 'back-off', failures: 20 },
    ]
    await handle()
    expect(steered).to.deep.equal(['resolve 0', 'hold'])
  })

  it('gives it back where the circuit has opened', async () => {
    actions = [{ kind: 'cool-down', openings: 1 }]
    await handle()
    expect(steered).to.deep.equal(['resolve 0', 'hold 5000'])
  })

  it('leaves it for the position that the database says', async () => {
    actions = [{ kind: 'relocate' }]
    await handle()
    expect(steered).to.deep.equal(['seek 1'])
    expect(partition.progress.position).to.equal(1n)
  })

  it('backs off where the database does not say', async () => {
    stored = new Error('the database is away')
    actions = [{ kind: 'relocate' }, { kind: 'drop' }]
    await handle()
    expect(partition.progress.failures).to.equal(1)
    expect(steered).to.deep.equal([])
  })

  it('steers nothing once its assignment has ended', async () => {
    for (const action of steering) {
      actions = [action]
      onAsked = () => assignment.end()
      await handle()
    }
    expect(steered).to.deep.equal([])
  })

  it('steers nothing once it is stale: a newer batch does', async () => {
    for (const action of steering) {
      isStale = false
      actions = [action]
      onAsked = () => {
        isStale = true
      }
      await handle()
    }
    expect(steered).to.deep.equal([])
  })

  it('rests where the circuit has opened though the batch is stale, and gives nothing back', async () => {
    actions = [{ kind: 'cool-down', openings: 2 }]
    onAsked = () => {
      isStale = true
    }
    await handle()
    expect(steered).to.deep.equal(['hold 10000'])
  })

  it('does not move a partition back that a newer batch has moved on', async () => {
    for (const answer of [1n, new Error('the database is away')]) {
      isStale = false
      stored = answer
      actions = [{ kind: 'relocate' }]
      let asked = 0
      onAsked = () => {
        // First the loop, then the database.
        isStale = asked++ > 0
      }
      await handle()
    }
    expect(partition.progress).to.include({ position: 0n, failures: 0 })
    expect(steered).to.deep.equal([])
  })

  const steering: BatchAction[] = [
    { kind: 'resolve' },
    { kind: 'seek' },
    { kind: 'relocate' },
    { kind: 'back-off', failures: 20 },
  ]

  function parts(): ConsumerParts {
    const fakes = {
      settings: { ...defaultConsumerSettings, retryBaseMs: 1 },
      observer: { offsetMismatch() {}, lost() {} },
      held: {
        hold: (_: unknown, delayMs: number) =>
          void steered.push(delayMs < 5_000 ? 'hold' : `hold ${delayMs}`),
      },
      member: { seek: (_: unknown, offset: bigint) => void steered.push(`seek ${offset}`) },
      loop: {
        async submit() {
          onAsked()
          return actions.shift() ?? { kind: 'drop' }
        },
      },
      locateOptions: {
        consumer: 'wallet',
        admin: { async connect() {}, fetchTopicMetadata: async () => ({ topics: [] }) },
        database: {
          async transaction() {
            onAsked()
            if (stored instanceof Error) throw stored
            return [{ ...at, nextOffset: stored, topicId: undefined }]
          },
        },
      },
    }
    return fakes as unknown as ConsumerParts
  }
})

import { batchOf, noOutcomes } from '@boxoffice/common/testing/fake-batches.ts'
import type { FetchedBatch } from '@boxoffice/kafka'
import { expect } from 'chai'
import type { AssignedPartition } from '../assignment/assigned-partition.ts'
import { Assignment } from '../assignment/assignment.ts'
import { HandlerError } from '../handling/handle-messages.ts'
import { FencedError } from '../positions/positions.ts'
import { type BatchAction, type CommittingLoop, startCommittingLoop } from './committing-loop.ts'
import type { Slice } from './pool.ts'

describe('the committing loop', () => {
  let assignment: Assignment
  let loop: CommittingLoop
  /** Each transaction that was tried: partition/offset of its messages. */
  let tried: string[][]
  let process: (slices: readonly Slice[]) => Promise<void>
  let failures: unknown[]

  beforeEach(() => {
    tried = []
    failures = []
    process = async () => {}
    assignment = new Assignment([0, 1, 2].map((partition) => ({ topic: 'test', partition })))
    assignment.locate(
      assignment.partitions.map((at) => ({ ...at, nextOffset: 0n, isRecreated: false, recentPoison: [] })),
      { batchLimitMax: 8, attemptsMax: 3, poisonWindow: 20 },
    )
    loop = startCommittingLoop({
      limits: { poolMessagesMax: 8, poolBytesMax: 1_000 },
      async process(slices) {
        tried.push(slices.flatMap(({ records }) => records.map((one) => `${one.partition}/${one.offset}`)))
        await process(slices)
        return noOutcomes
      },
      isTransient: (error) => error === 'transient',
      onCommitted() {},
      onFailure: (error) => void failures.push(error),
    })
  })

  function partition(number: number): AssignedPartition {
    const found = assignment.partition({ topic: 'test', partition: number })
    if (found === undefined) throw new Error(`no partition ${number}`)
    return found
  }

  async function submit(batch: FetchedBatch): Promise<BatchAction['kind']> {
    const { kind } = await loop.submit(assignment, partition(batch.partition), batch)
    return kind
  }

  /** Fails each transaction that holds this message, unless it is poisoned. */
  function poisoned(place: string, error: unknown): (slices: readonly Slice[]) => Promise<void> {
    return async (slices) => {
      const isPoisoned = slices.some(({ waiting }) => waiting.partition.progress.suspect?.poisoned)
      if (tried.at(-1)?.includes(place) && !isPoisoned) throw error
    }
  }

  it('commits what waits at the same time in one transaction', async () => {
    expect(await Promise.all([submit(batchOf(0, 0, 2)), submit(batchOf(1, 0, 1))])).to.deep.equal([
      'resolve',
      'resolve',
    ])
    expect(tried).to.deep.equal([['0/0', '0/1', '1/0']])
    expect(partition(0).progress.position).to.equal(2n)
  })

  it('pools what comes while a transaction is under way', async () => {
    const gate = Promise.withResolvers<void>()
    process = () => gate.promise
    const first = submit(batchOf(0, 0, 1))
    while (tried.length === 0) await new Promise(setImmediate)
    const others = [submit(batchOf(1, 0, 1)), submit(batchOf(2, 0, 1))]
    gate.resolve()
    await Promise.all([first, ...others])
    expect(tried).to.deep.equal([['0/0'], ['1/0', '2/0']])
  })

  it('splits a long batch and lets the others have their turn', async () => {
    await Promise.all([submit(batchOf(0, 0, 12)), submit(batchOf(1, 0, 1))])
    expect(tried.map((one) => one.length)).to.deep.equal([8, 5])
    expect(tried[1]?.[0]).to.equal('1/0')
  })

  it('sends a batch away that does not begin where its partition stands', async () => {
    expect(await submit(batchOf(0, 5, 1))).to.equal('relocate')
    expect(tried).to.deep.equal([])
  })

  it('commits the others when one of them is fenced', async () => {
    process = async (slices) => {
      if (slices.length > 1) throw new FencedError([{ topic: 'test', partition: 1 }])
    }
    const outcomes = await Promise.all([submit(batchOf(0, 0, 1)), submit(batchOf(1, 0, 1))])
    expect(outcomes).to.deep.equal(['resolve', 'relocate'])
    expect(partition(1).progress.position).to.equal(0n)
  })

  it('gives back the waiting batches when a transaction was fenced for none of its partitions', async () => {
    process = async () => {
      if (tried.length < 9) throw new FencedError([])
    }
    const actions = await Promise.all([submit(batchOf(0, 0, 2)), submit(batchOf(1, 0, 1))])
    expect(actions).to.deep.equal(['back-off', 'back-off'])
    expect(tried).to.have.length(1)
  })

  it('drops the waiting batches after an event that is impossible in its partition, and goes on with later ones', async () => {
    const { progress } = partition(0)
    process = async () => {
      partition(0).progress = { ...progress, circuit: { state: 'cooling-down', openings: 1, recent: [] } }
    }
    const actions = await Promise.all([submit(batchOf(0, 0, 1)), submit(batchOf(1, 0, 1))])
    expect(actions).to.deep.equal(['drop', 'drop'])
    expect(failures.map(String)).to.deep.equal(['Error: a partition that cools down cannot have committed'])
    await loop.settled()
    process = async () => {}
    expect(await submit(batchOf(1, 0, 1))).to.equal('resolve')
  })

  it('isolates a message whose handler throws, gives it its attempts, and then takes it for poison', async () => {
    process = poisoned('0/5', new HandlerError('threw', { cause: new TypeError('no\0such thing') }))
    expect(await Promise.all([submit(batchOf(0, 0, 8)), submit(batchOf(1, 0, 1))])).to.deep.equal([
      'resolve',
      'resolve',
    ])
    const isolated = tried.filter((one) => one.length === 1 && one[0] === '0/5')
    expect(isolated).to.have.length(3 + 1)
    expect(partition(0).progress).to.include({ position: 8n, suspect: undefined })
  })

  it('commits what stands before a message that throws', async () => {
    process = poisoned('0/5', new HandlerError('threw', { cause: new Error('bad') }))
    await submit(batchOf(0, 0, 8))
    expect(tried.findIndex((one) => one.includes('0/4') && !one.includes('0/5'))).to.be.greaterThan(-1)
  })

  it('never takes a message for poison for what a retry can help', async () => {
    process = poisoned('0/0', new HandlerError('threw', { cause: 'transient' }))
    expect(await submit(batchOf(0, 0, 1))).to.equal('back-off')
    expect(await submit(batchOf(0, 0, 1))).to.equal('back-off')
    expect(partition(0).progress).to.include({ failures: 2, suspect: undefined })
  })

  it('lets the others commit when one partition fails', async () => {
    process = poisoned('0/0', new Error('the database says no'))
    const outcomes = await Promise.all([
      submit(batchOf(0, 0, 1)),
      submit(batchOf(1, 0, 1)),
      submit(batchOf(2, 0, 1)),
    ])
    expect(outcomes).to.deep.equal(['back-off', 'resolve', 'resolve'])
  })

  it('goes on within a batch that failed half way', async () => {
    process = poisoned('0/9', new Error('not now'))
    const batch = batchOf(0, 0, 12)
    expect(await submit(batch)).to.equal('back-off')
    process = async () => {}
    tried = []
    expect(await submit(batch)).to.equal('resolve')
    expect(tried[0]).to.deep.equal(['0/8', '0/9'])
  })

  it('drops what waits when the assignment ends, and when it stops', async () => {
    const gate = Promise.withResolvers<void>()
    process = () => gate.promise
    const first = submit(batchOf(0, 0, 1))
    while (tried.length === 0) await new Promise(setImmediate)
    const second = submit(batchOf(1, 0, 1))
    assignment.end()
    gate.resolve()
    expect(await Promise.all([first, second])).to.deep.equal(['resolve', 'drop'])
    await loop.stop()
  })
})

import { batchOf, noOutcomes } from '@boxoffice/common/testing/fake-batches.ts'
import type { FetchedBatch } from '@boxoffice/kafka'
import { expect } from 'chai'
import fc from 'fast-check'
import { Assignment } from '../assignment/assignment.ts'
import type { PartitionProgress } from '../assignment/partition-progress.ts'
import type { Outcomes } from '../assignment/recent-poison.ts'
import { HandlerError } from '../handling/handle-messages.ts'
import { FencedError } from '../positions/positions.ts'
import { type BatchAction, startCommittingLoop } from './committing-loop.ts'
import type { Slice } from './pool.ts'

/** What happens to one transaction. */
type Event = 'commits' | 'fails' | 'is lost' | 'finds its positions moved back'

interface Run {
  /** Records of each partition. */
  readonly counts: readonly number[]
  /** Of each partition, the offsets that a handler cannot take. */
  readonly poison: readonly (readonly number[])[]
  readonly batchSizes: readonly number[]
  /** How far from where they should the batches begin; KafkaJS may bring a stale one. */
  readonly skews: readonly number[]
  /** Whether a batch comes a second time while the first one waits, as it may after a heartbeat that failed. */
  readonly repeats: readonly boolean[]
  readonly events: readonly Event[]
}

const run: fc.Arbitrary<Run> = fc.record({
  counts: fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 3, maxLength: 3 }),
  poison: fc.array(fc.uniqueArray(fc.nat(29), { maxLength: 3 }), { minLength: 3, maxLength: 3 }),
  batchSizes: fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1, maxLength: 6 }),
  skews: fc.array(fc.constantFrom(0, 0, 0, 1, -1), { minLength: 1, maxLength: 7 }),
  repeats: fc.array(fc.boolean(), { minLength: 1, maxLength: 5 }),
  events: fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constant<Event>('commits') },
      { weight: 2, arbitrary: fc.constant<Event>('fails') },
      { weight: 1, arbitrary: fc.constant<Event>('is lost') },
      { weight: 1, arbitrary: fc.constant<Event>('finds its positions moved back') },
    ),
    { maxLength: 40 },
  ),
})

describe('the committing loop, whatever happens to its transactions', () => {
  it('commits each record or puts it aside, in order, and passes none over', async () => {
    // Many side by side, because each rests between its transactions.
    const runs = fc.array(run, { minLength: 40, maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(runs, (all) => Promise.all(all.map(readsEverything)).then(() => undefined)),
      { numRuns: 20 },
    )
  })
})

/** A database of positions, and what was done at each offset; the partitions are read to their ends. */
async function readsEverything({ counts, poison, batchSizes, skews, repeats, events }: Run): Promise<void> {
  const assignment = new Assignment(counts.map((_, partition) => ({ topic: 'test', partition })))
  const start = assignment.partitions.map((at) => ({
    ...at,
    nextOffset: 0n,
    isRecreated: false,
    recentPoison: [],
  }))
  assignment.locate(start, { batchLimitMax: 8, attemptsMax: 3, poisonWindow: 20 })
  const stored = counts.map(() => 0n)
  const done = counts.map((count) => Array.from({ length: count }, () => ''))
  const coming = [...events]

  async function process(slices: readonly Slice[]): Promise<Outcomes> {
    const event = coming.shift() ?? 'commits'
    if (event === 'finds its positions moved back') {
      for (const { waiting } of slices) {
        const { partition } = waiting.partition
        stored[partition] = (stored[partition] ?? 0n) / 2n
      }
    }
    const places = new Set(slices.map(({ waiting }) => waiting.partition.partition))
    // As the database would: it moves a position once, and misses no other.
    if (places.size < slices.length) throw new FencedError([])
    const moved = slices.filter(({ waiting, from }) => stored[waiting.partition.partition] !== from)
    if (moved.length > 0) throw new FencedError(moved.map(({ waiting }) => waiting.partition))
    if (event === 'fails') throw new Error('transient')
    for (const { waiting, records } of slices) {
      const { partition, progress } = waiting.partition
      const bad = records.find(
        ({ offset }) => poison[partition]?.includes(Number(offset)) && !isPoisoned(progress, offset),
      )
      if (bad !== undefined) throw new HandlerError('the handler threw', { cause: new Error('poison') })
    }
    for (const { waiting, records, to } of slices) commit(waiting.partition, records, to)
    // The answer to COMMIT was cut off: what was done stands, and the member does not know.
    if (event === 'is lost') throw new Error('transient')
    return noOutcomes
  }

  function commit(
    { partition, progress }: Slice['waiting']['partition'],
    records: Slice['records'],
    to: bigint,
  ): void {
    let next = stored[partition] ?? 0n
    for (const { offset } of records) {
      expect(offset, 'in order, without a gap').to.equal(next)
      next += 1n
      const outcomes = done[partition]
      if (outcomes) outcomes[Number(offset)] = isPoisoned(progress, offset) ? 'put aside' : 'handled'
    }
    stored[partition] = to
  }

  const loop = startCommittingLoop({
    limits: { poolMessagesMax: 8, poolBytesMax: 1_000 },
    process,
    isTransient: (error) => error instanceof Error && error.message === 'transient',
    onCommitted() {},
    onFailure() {},
  })

  /** What a consumer does for one partition: fetches from its position, and goes where the database says. */
  async function readPartition(number: number, count: number): Promise<void> {
    const partition = assignment.partition({ topic: 'test', partition: number })
    if (partition === undefined) throw new Error(`no partition ${number}`)
    const follow = async (batch: FetchedBatch): Promise<BatchAction['kind']> => {
      const { kind } = await loop.submit(assignment, partition, batch)
      return kind === 'back-off' ? await follow(batch) : kind
    }
    for (let nth = 0; (stored[number] ?? 0n) < BigInt(count); nth++) {
      if (nth > 1_000) throw new Error('it never ends')
      // Every other batch is right, so that it comes to an end.
      const skew = nth % 2 === 0 ? (skews[nth % skews.length] ?? 0) : 0
      const begin = Math.max(0, Number(partition.progress.position) + skew)
      const size = Math.min(batchSizes[nth % batchSizes.length] ?? 1, count - begin)
      const batch = batchOf(number, begin, Math.max(0, size))
      const isRepeated = repeats[nth % repeats.length]
      const kinds: BatchAction['kind'][] =
        size > 0 ? await Promise.all([follow(batch), ...(isRepeated ? [follow(batch)] : [])]) : []
      if (size <= 0 || kinds.includes('relocate'))
        assignment.moveTo(partition, stored[number] ?? 0n, undefined)
    }
  }

  await Promise.all(counts.map((count, number) => readPartition(number, count)))
  await loop.stop()
  expect(done).to.deep.equal(
    counts.map((count, partition) =>
      Array.from({ length: count }, (_, offset) =>
        poison[partition]?.includes(offset) ? 'put aside' : 'handled',
      ),
    ),
  )
}

function isPoisoned({ suspect }: PartitionProgress, offset: bigint): boolean {
  return suspect?.offset === offset && suspect.poisoned !== undefined
}

import { batchOf } from '@boxoffice/common/testing/fake-batches.ts'
import type { FetchedBatch } from '@boxoffice/kafka'
import { PointsChargedEventSchema } from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { expect } from 'chai'
import type { Codec } from '../../message/codec.ts'
import type { DecodedRecord } from '../../message/decode.ts'
import type { Sql } from '../../sql/sql.ts'
import { type AssignedPartition, apply } from '../assignment/assigned-partition.ts'
import { Assignment } from '../assignment/assignment.ts'
import { FencedError } from '../positions/positions.ts'
import { createPassing, type Passing } from './passing.ts'

describe('passing over', () => {
  let assignment: Assignment
  let passing: Passing
  /** The partitions of each statement that moved positions, and those that it does not find where they were left. */
  let moved: number[][]
  let fenced: Set<number>
  let failures: unknown[]
  /** What the codec makes of each record. */
  let decodedType: string

  beforeEach(() => {
    moved = []
    fenced = new Set()
    failures = []
    decodedType = PointsChargedEventSchema.typeName
    assignment = new Assignment([0, 1].map((partition) => ({ topic: 'test', partition })))
    assignment.locate(
      assignment.partitions.map((at) => ({ ...at, nextOffset: 0n, isRecreated: false, recentPoison: [] })),
      { batchLimitMax: 8, attemptsMax: 3, poisonWindow: 20 },
    )
    passing = createPassing({
      consumer: 'wallet',
      database: { transaction: (work) => work(positions as Sql) },
      handler: {
        topics: [],
        codec: {} as Codec,
        passedOver: [PointsChargedEventSchema.typeName],
        handle: nothing,
      },
      decode: (record) => ({ record, message: { type: decodedType } }) as DecodedRecord,
      intervalMs: 5,
      recordsMax: 8,
      onPassed() {},
      onStored() {},
      onFailure: (error) => void failures.push(error),
    })
  })
  afterEach(() => passing.stop())

  it('stores the other positions after one that another member has moved', async () => {
    fenced.add(1)
    expect([pass(charges(0, 0, 2)), pass(charges(1, 0, 1))]).to.deep.equal([true, true])
    await until(() => partition(0).progress.stored === 2n)
    expect(moved).to.deep.equal([[0, 1], [0]])
    expect(failures.map((error) => error instanceof FencedError)).to.deep.equal([true])
    expect(partition(1).progress).to.include({ position: 1n, stored: 0n })
  })

  it('leaves to the transaction of a batch what stands before it', async () => {
    pass(charges(0, 0, 2))
    partition(0).handling = true
    await new Promise((wake) => setTimeout(wake, 30))
    expect(moved).to.deep.equal([])
    partition(0).handling = false
    await until(() => partition(0).progress.stored === 2n)
  })

  it('takes no batch that does not begin where the partition stands, holds more than may be behind, or another type', () => {
    const other = batchOf(0, 0, 1)
    expect(pass(charges(0, 3, 1))).to.equal(false)
    expect(pass(charges(0, 0, 9))).to.equal(false)
    expect(pass(other)).to.equal(false)
    expect(partition(0).progress.position).to.equal(0n)
  })

  it('goes by the type that the codec makes of a record, whatever its header says', () => {
    decodedType = 'another'
    expect(pass(charges(0, 0, 1))).to.equal(false)
  })

  it('takes nothing of a partition with recent poison: what it passes over would count, and might stop it', () => {
    commitPoison(0, 11)
    expect(pass(charges(0, 11, 8))).to.equal(false)
    expect(partition(0).progress.circuit.state).to.equal('closed')
  })

  it('takes nothing of a partition whose circuit is open', () => {
    commitPoison(0, 20)
    expect(partition(0).progress.circuit.state).to.equal('cooling-down')
    expect(pass(charges(0, 20, 1))).to.equal(false)
  })

  function commitPoison(number: number, count: number): void {
    const verdicts = Array.from({ length: count }, (_, nth) => ({ poisonAt: BigInt(nth) }))
    apply(partition(number), { kind: 'committed', to: BigInt(count), verdicts, isBatchDone: true })
  }

  function pass(batch: FetchedBatch): boolean {
    return passing.pass(assignment, partition(batch.partition), batch)
  }

  function partition(number: number): AssignedPartition {
    const found = assignment.partition({ topic: 'test', partition: number })
    if (found === undefined) throw new Error(`no partition ${number}`)
    return found
  }

  const positions = {
    async query(_: string, values: readonly unknown[] = []) {
      const [, , partitions, , offsets] = values as [string, string[], number[], string[], string[]]
      moved.push(partitions)
      return partitions.flatMap((number, nth) =>
        fenced.has(number)
          ? []
          : [{ topic: 'test', partition: number, next_offset: offsets[nth], replay_until: null }],
      )
    },
  }
})

function charges(partition: number, begin: number, count: number): FetchedBatch {
  const batch = batchOf(partition, begin, count)
  const headers = { ce_type: PointsChargedEventSchema.typeName }
  return { ...batch, records: batch.records.map((record) => ({ ...record, headers })) }
}

async function nothing() {
  return { outbox: [] }
}

async function until(condition: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error('not in time')
    await new Promise((wake) => setTimeout(wake, 2))
  }
}

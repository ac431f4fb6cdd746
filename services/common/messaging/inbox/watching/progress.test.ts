import { expect } from 'chai'
import { type PartitionSnapshot, Progress, type ProgressVerdict } from './progress.ts'

describe('the progress of a consumer', () => {
  let progress: Progress
  beforeEach(() => {
    progress = new Progress(3)
  })

  it('is stuck where a partition is behind and has not moved for so many looks', () => {
    const snapshots = [snapshot(0, 5, 9), snapshot(1, 9, 9)]
    expect(outcomes(snapshots, 3)).to.deep.equal([[], [], []])
    expect(progress.look(snapshots)).to.deep.equal({ stuck: [snapshots[0]], isStalled: true })
  })

  it('is none where nothing is to be read', () => {
    for (let nth = 0; nth < 9; nth++) expect(progress.look([snapshot(0, 9, 9)]).isStalled).to.equal(false)
  })

  it('begins again with each step, and where the position was moved back', () => {
    outcomes([snapshot(0, 5, 9)], 3)
    for (const position of [6, 4]) expect(outcomes([snapshot(0, position, 9)], 3)).to.deep.equal([[], [], []])
    expect(progress.look([snapshot(0, 4, 9)]).stuck).to.have.length(1)
  })

  it('begins again where the partition was away meanwhile', () => {
    outcomes([snapshot(0, 5, 9)], 3)
    progress.look([])
    expect(progress.look([snapshot(0, 5, 9)]).stuck).to.deep.equal([])
  })

  it('is not stalled while another partition moves', () => {
    for (let position = 0; position < 9; position++) {
      const { isStalled } = progress.look([snapshot(0, 5, 9), snapshot(1, position, 9)])
      expect(isStalled).to.equal(false)
    }
    expect(progress.look([snapshot(0, 5, 9), snapshot(1, 9, 9)])).to.include({ isStalled: true })
  })

  it('is not stuck where another topic has its name: an operator is waited for', () => {
    const recreated = { ...snapshot(0, 5, 9), isRecreated: true }
    outcomes([recreated], 4)
    expect(progress.look([recreated])).to.deep.equal({ stuck: [], isStalled: false })
  })

  it('is not stalled where transactions fail again and again: what is stuck is known', () => {
    for (let failures = 1; failures < 9; failures++)
      expect(progress.look([{ ...snapshot(0, 5, 9), failures }]).isStalled).to.equal(false)
    expect(progress.look([{ ...snapshot(0, 5, 9), failures: 9 }]).stuck).to.have.length(1)
  })

  it('is stalled where a transaction failed once, and its retry never ends', () => {
    const failed = { ...snapshot(0, 5, 9), failures: 1 }
    for (let nth = 0; nth < 4; nth++) expect(progress.look([failed]).isStalled).to.equal(false)
    expect(progress.look([failed])).to.deep.equal({ stuck: [failed], isStalled: true })
  })

  it('is not stalled where poison is waited for', () => {
    const open = { ...snapshot(0, 5, 9), isCircuitOpen: true }
    outcomes([open], 4)
    expect(progress.look([open])).to.deep.equal({ stuck: [open], isStalled: false })
  })

  function outcomes(snapshots: readonly PartitionSnapshot[], looks: number): ProgressVerdict['stuck'][] {
    return Array.from({ length: looks }, () => progress.look(snapshots).stuck)
  }
})

function snapshot(partition: number, position: number, end: number): PartitionSnapshot {
  return {
    topic: 'test',
    partition,
    position: BigInt(position),
    end: BigInt(end),
    isCircuitOpen: false,
    isRecreated: false,
    failures: 0,
  }
}

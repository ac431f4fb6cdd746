import { expect } from 'chai'
import { allFaults } from './faults/all-faults.ts'
import { scheduleOf } from './schedule.ts'

describe('the schedule of faults', () => {
  it('is the same for the same seed, and differs for another seed', () => {
    const schedule = scheduleOf(7, 120, allFaults)
    expect(scheduleOf(7, 120, allFaults)).to.deep.equal(schedule)
    expect(scheduleOf(8, 120, allFaults)).to.not.deep.equal(schedule)
  })

  it('has every kind of fault once before any kind comes again', () => {
    const names = scheduleOf(3, 3_600, allFaults).map((planned) => planned.fault)
    expect(new Set(names)).to.have.lengthOf(allFaults.length)
    expect(new Set(names.slice(0, allFaults.length - 1))).to.have.lengthOf(allFaults.length - 1)
  })

  it('never has two faults on the same ground at the same time', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const schedule = scheduleOf(seed, 600, allFaults)
      for (const [index, planned] of schedule.entries()) {
        const clash = schedule
          .slice(index + 1)
          .find(
            (other) => other.atMs < planned.atMs + planned.lastsMs && groundOf(other) === groundOf(planned),
          )
        expect(clash, `seed ${seed}`).to.equal(undefined)
      }
    }
  })

  it('has no other fault during a fault that must be alone', () => {
    for (let seed = 1; seed <= 50; seed++) {
      const schedule = scheduleOf(seed, 600, allFaults)
      const alone = schedule.filter(({ fault }) => allFaults.find(({ name }) => name === fault)?.alone)
      for (const planned of alone) {
        const beside = schedule.filter(
          (other) =>
            other !== planned &&
            other.atMs < planned.atMs + planned.lastsMs &&
            planned.atMs < other.atMs + other.lastsMs,
        )
        expect(beside, `seed ${seed}`).to.deep.equal([])
      }
    }
  })

  it('is empty without faults', () => {
    expect(scheduleOf(1, 60, [])).to.deep.equal([])
  })
})

function groundOf({ fault, target }: { fault: string; target: string }): string | undefined {
  return allFaults.find(({ name }) => name === fault)?.ground(target)
}

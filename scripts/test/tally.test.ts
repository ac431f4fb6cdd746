import { expect } from 'chai'
import { closingLine, judgeRun, judgeSkipped, totalOf } from './tally.ts'

describe('The judgement of a test run', () => {
  it('is the tally of the tests if the run was complete', () => {
    expect(judgeRun('++-+.', 1)).to.deep.equal({ passed: 3, failed: 1, skipped: 0 })
    expect(judgeRun('++.', 0)).to.deep.equal({ passed: 2, failed: 0, skipped: 0 })
    expect(judgeRun('+~+~.', 0)).to.deep.equal({ passed: 2, failed: 0, skipped: 2 })
  })

  it('has one failure more if the run was cut off, with any exit code', () => {
    expect(judgeRun('++-', 0)).to.include({ passed: 2, failed: 2 })
    expect(judgeRun('', 137)).to.include({ passed: 0, failed: 1 })
  })

  it('has a failure if something failed after the tests', () => {
    expect(judgeRun('++.', 1)).to.include({ passed: 2, failed: 1 })
  })
})

describe('A test that was skipped', () => {
  const tally = { passed: 2, failed: 0, skipped: 3 }

  it('is counted in the closing line', () => {
    expect(closingLine(totalOf([tally, { passed: 1, failed: 1, skipped: 0 }]))).to.equal(
      '3 passed, 1 failed, 3 skipped',
    )
  })

  it('fails the run in CI, and nowhere else', () => {
    expect(judgeSkipped(tally, 'true')).to.equal(
      'CI is set, and 3 tests were skipped: each is above, with a dash before its name.',
    )
    expect(judgeSkipped({ ...tally, skipped: 0 }, 'true')).to.equal(undefined)
    for (const ci of [undefined, '', 'false']) expect(judgeSkipped(tally, ci)).to.equal(undefined)
  })
})

import { expect } from 'chai'
import { closingLine, failureLine, judgeRun, judgeSkipped, totalOf } from './tally.ts'

describe('The judgement of a test run', () => {
  it('is the tally of the tests if the run was complete', () => {
    expect(judgeRun('+\n+\n-a relay: stopped\n+\n.\n', 1)).to.deep.equal({
      passed: 3,
      failed: 1,
      skipped: 0,
      failures: ['a relay: stopped'],
    })
    expect(judgeRun('+\n+\n.\n', 0)).to.include({ passed: 2, failed: 0, skipped: 0 })
    expect(judgeRun('+\n~\n+\n~\n.\n', 0)).to.include({ passed: 2, failed: 0, skipped: 2 })
  })

  it('has one failure more if the run was cut off, with any exit code', () => {
    expect(judgeRun('+\n+\n-a relay: stopped\n', 0)).to.include({ passed: 2, failed: 2 })
    expect(judgeRun('', 137)).to.deep.include({
      passed: 0,
      failed: 1,
      failures: ['mocha ended before its tests did (exit code 137)'],
    })
  })

  it('has a failure if something failed after the tests', () => {
    expect(judgeRun('+\n+\n.\n', 1)).to.include({ passed: 2, failed: 1 })
  })

  it('names what failed in one line, however long its error is', () => {
    expect(failureLine('a relay stops', new Error('expected 1\n  to equal 2'))).to.equal(
      'a relay stops: expected 1 to equal 2',
    )
    expect(failureLine('a relay stops', new Error('x'.repeat(1_000)))).to.have.length(400)
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

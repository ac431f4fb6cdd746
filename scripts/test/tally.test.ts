import { expect } from 'chai'
import { judgeRun } from './tally.ts'

describe('The judgement of a test run', () => {
  it('is what the tests say when the run came to its end', () => {
    expect(judgeRun('++-+.', 1)).to.deep.equal({ passed: 3, failed: 1 })
    expect(judgeRun('++.', 0)).to.deep.equal({ passed: 2, failed: 0 })
  })

  it('has one failure more when the run was cut off, whatever the exit code', () => {
    expect(judgeRun('++-', 0)).to.include({ passed: 2, failed: 2 })
    expect(judgeRun('', 137)).to.include({ passed: 0, failed: 1 })
  })

  it('has a failure when something failed after the tests', () => {
    expect(judgeRun('++.', 1)).to.include({ passed: 2, failed: 1 })
  })
})

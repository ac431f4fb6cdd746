import { expect } from 'chai'
import { describeReport } from './report.ts'
import { runFaults } from './run.ts'

/** One more is a minute more: `npm run test:faults` has all the time. */
const seeds = [11]

describe('a minute of faults', function () {
  this.timeout(300_000)

  for (const seed of seeds) {
    it(`leaves money and seats right (seed ${seed})`, async () => {
      const report = await runFaults({ seed, seconds: 60 })
      expect(report.verdict, describeReport(report)).to.equal('passed')
    })
  }
})

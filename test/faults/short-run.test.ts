import { expect } from 'chai'
import { describeReport } from './report.ts'
import { runFaults } from './run.ts'

/** Each further seed takes a minute. For longer runs there is `npm run test:faults`. */
const seeds = [11]

/** All faults except those that take Kafka away for most of a minute on a busy machine. */
const faults = [
  'kill-service',
  'kill-relay',
  'pause-relay',
  'come-and-go',
  'crash-point',
  'kill-broker',
  'postgres-backends',
  'postgres-restart',
  'drop-slot',
  'turn-settings',
  'cut-postgres',
  'one-way-postgres',
  'lose-commit-answers',
  'cut-kafka',
  'repeat-messages',
  'rewind',
  'poison',
  'turn-compression',
]

describe('a minute of faults', function () {
  this.timeout(300_000)

  for (const seed of seeds) {
    it(`leaves money and seats right (seed ${seed})`, async () => {
      const report = await runFaults({ seed, seconds: 60, faults })
      expect(report.verdict, describeReport(report)).to.equal('passed')
    })
  }
})

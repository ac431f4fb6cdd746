import { expect } from 'chai'
import { allAttacks } from './attacks/all-attacks.ts'
import { describeAbuse, problemsOf } from './report.ts'
import { type AbuseReport, runAbuse } from './run.ts'

/** Long enough for each attack to reach the bound that it is after. */
const secondsEach = 4

describe('under abuse, a secure system', function () {
  // Two and a half minutes, and more where a machine is so busy that rounds are measured again.
  this.timeout(900_000)
  let report: AbuseReport
  before(async () => {
    report = await runAbuse({ attacks: allAttacks, seconds: secondsEach })
  })

  it('ends no process, lets nothing through, keeps its books and serves everybody else', () => {
    expect(problemsOf(report), describeAbuse(report)).to.deep.equal([])
  })

  for (const { name, tries } of allAttacks)
    it(`is asked for, and answers: ${tries}`, () => {
      const attack = report.attacks.find((one) => one.attack.name === name)
      expect(attack?.answers).to.not.deep.equal({})
    })
})

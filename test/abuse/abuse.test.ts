import { expect } from 'chai'
import { allAttacks } from './attacks/all-attacks.ts'
import { describeAbuse, problemsOf } from './report.ts'
import { type AbuseReport, runAbuse } from './run.ts'

/** Long enough for each attack to reach the limit that it aims at. */
const secondsEach = 4

describe('a secure system under abuse', function () {
  // Two and a half minutes, and more if the machine is so busy that rounds are measured again.
  this.timeout(900_000)
  let report: AbuseReport
  before(async () => {
    report = await runAbuse({ attacks: allAttacks, seconds: secondsEach })
  })

  it('keeps its processes and its books, lets no attack through, and serves all other callers', () => {
    expect(problemsOf(report), describeAbuse(report)).to.deep.equal([])
  })

  for (const { name, tries } of allAttacks)
    it(`answers an attacker that tries ${tries}`, () => {
      const attack = report.attacks.find((measured) => measured.attack.name === name)
      expect(attack?.answers).to.not.deep.equal({})
    })
})

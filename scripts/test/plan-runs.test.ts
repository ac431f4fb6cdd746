import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'chai'
import { repositoryDir } from '../platform/paths.ts'
import { checkRun, planRuns, type Step, stages, type TestRun } from './plan-runs.ts'

const everything = new Set(stages)

describe('The plan of the test runs', () => {
  for (const inOne of [false, true]) {
    it(`runs every test of this checkout once, ${inOne ? 'in one process' : 'in several'}`, () => {
      expect(filesOf(planRuns(everything, { inOne })).toSorted()).to.deep.equal(testFiles())
    })
  }

  it('runs the idle system beside checks and unit tests, and integration beside end-to-end tests', () => {
    const names = planRuns(everything).map((step) => step.map(({ name }) => name))
    expect(names.slice(0, 2)).to.deep.equal([
      ['check', 'unit tests', 'left alone, test/alone.test.ts'],
      ['integration tests', 'end-to-end tests', 'end-to-end tests with systems of their own'],
    ])
  })

  it('runs each measuring test alone, after all others', () => {
    const measuring = ['test/abuse/abuse.test.ts', 'test/faults/short-run.test.ts']
    const last = planRuns(everything).slice(-measuring.length)
    expect(last.map((step) => filesOf([step]))).to.deep.equal(measuring.map((file) => [file]))
    expect(last.map((step) => step.length)).to.deep.equal([1, 1])
  })

  it('starts the shared system in one process only, and a platform only where it is used', () => {
    const [, sharing, starting] = testRunsOf(planRuns(everything).slice(1, 2))
    const textOf = (run?: TestRun): string =>
      (run?.files ?? []).map((file) => readFileSync(path.join(repositoryDir, file), 'utf8')).join('')
    const shared = /sharedSystem\(|openConsole\(/
    const started = /startTestSystem\(|secureSystem\(/
    expect(textOf(starting)).to.match(started).and.not.to.match(shared)
    expect(textOf(sharing)).to.match(shared).and.not.to.match(started)
    expect(textOf(sharing)).not.to.match(/TEST_KAFKA_BROKERS|TEST_POSTGRES_URL/)
    expect([sharing?.platform, starting?.platform]).to.deep.equal([false, true])
  })

  it('starts one platform for tests that are selected by name', () => {
    const runs = testRunsOf(planRuns(everything, { inOne: true }))
    expect(runs.filter(({ platform }) => platform)).to.have.length(1)
  })

  it('of one stage has the tests of that stage', () => {
    for (const inOne of [false, true]) {
      expect(planRuns(new Set(['check']), { inOne })).to.deep.equal([[checkRun]])
      const units = planRuns(new Set(['unit']), { inOne }).flat()
      expect(units.map(({ name }) => name)).to.deep.equal(['unit tests'])
      const endToEnds = filesOf(planRuns(new Set(['e2e']), { inOne }))
      expect(endToEnds).to.include.members(['test/checkout.test.ts', 'test/abuse/abuse.test.ts'])
      expect(endToEnds.filter((file) => !file.startsWith('test/'))).to.deep.equal([])
    }
  })
})

function filesOf(steps: readonly Step[]): string[] {
  return testRunsOf(steps).flatMap(({ files }) => files)
}

function testRunsOf(steps: readonly Step[]): TestRun[] {
  return steps.flat().filter((run) => 'files' in run)
}

/** All test files, found without globs, so that a misread glob cannot hide a file. */
function testFiles(): string[] {
  const rings = /^test\/(charts|k8s|cluster)\//
  return ['services', 'scripts', 'test']
    .flatMap((room) =>
      readdirSync(path.join(repositoryDir, room), { recursive: true, encoding: 'utf8' }).map((file) =>
        path.join(room, file),
      ),
    )
    .filter((file) => file.endsWith('.test.ts') && !file.includes('node_modules') && !rings.test(file))
    .sort()
}

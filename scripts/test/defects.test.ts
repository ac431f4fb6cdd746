import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { runMocha } from './run-mocha.ts'

describe('A defect during the tests', function () {
  this.timeout(30_000)
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-defects-'))
  })

  afterEach(() => rm(dir, { recursive: true, force: true }))

  it('fails the test in which it occurred, and no other', async () => {
    const { passed, failed, output } = await run(
      "it('before', () => {})\nit('culprit', () => defect())\nit('after', () => {})",
    )
    expect({ passed, failed }).to.deep.equal({ passed: 2, failed: 1 })
    expect(output).to.match(/culprit:[\s\S]*Get INTERNAL: Error: ours/)
  })

  it('does not fail a test that expects it', async () => {
    const { passed, failed } = await run("it('says so', () => { expectDefect(/Get .*ours/); defect() })")
    expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 0 })
  })

  it('fails a test that expects another defect, or one that does not occur', async () => {
    const { passed, failed } = await run(
      "it('another', () => { expectDefect(/theirs/); defect() })\nit('none', () => expectDefect(/ours/))",
    )
    expect({ passed, failed }).to.deep.equal({ passed: 0, failed: 2 })
  })

  it('that comes after the last test fails the run', async () => {
    const { passed, failed } = await run(
      "describe('a file', () => {\nit('passes', () => {})\nafter(() => defect())\n})",
    )
    expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 })
  })

  it('in the log of a process fails the test that is running', async () => {
    const { passed, failed, output } = await run(`
      let lines = []
      before(() => addDefectSource(async () => lines.splice(0)))
      it('passes', () => {})
      it('culprit', () => lines.push('payment: INTERNAL'))`)
    expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 })
    expect(output).to.match(/culprit:[\s\S]*payment: INTERNAL/)
  })

  async function run(code: string) {
    const file = path.join(dir, 'fixture.test.ts')
    const common = path.resolve('services/common/src')
    await writeFile(
      file,
      `import { reportDefect } from '${common}/telemetry/defects.ts'
       import { addDefectSource, expectDefect } from '${common}/testing/defects.ts'
       const defect = () => reportDefect({ where: 'Get', code: 'INTERNAL', error: new Error('ours') })
       ${code}`,
    )
    return await runMocha({ specs: [file], platform: false, stream: false })
  }
})

import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { runMocha } from './run-mocha.ts'

describe('A mocha run', function () {
  this.timeout(30_000)
  let dir: string

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-run-mocha-'))
  })

  afterEach(() => rm(dir, { recursive: true, force: true }))

  async function run(code: string, signal?: AbortSignal) {
    const file = path.join(dir, 'fixture.test.ts')
    await writeFile(file, code)
    return await runMocha({ specs: [file], platform: false, stream: false, ...(signal ? { signal } : {}) })
  }

  it('counts passed, failed and skipped tests', async () => {
    const { passed, failed, skipped } = await run(
      "it('a', () => {})\nit('b', () => {})\nit('c', () => { throw new Error('no') })\nit.skip('d')",
    )
    expect({ passed, failed, skipped }).to.deep.equal({ passed: 2, failed: 1, skipped: 1 })
  })

  it('counts each test of a suite that skips itself', async () => {
    const { passed, failed, skipped } = await run(`describe('a browser', () => {
      before(function () { this.skip() })
      it('a', () => {})
      describe('inside', () => { it('b', () => {}) })
    })
    it('c', () => {})`)
    expect({ passed, failed, skipped }).to.deep.equal({ passed: 1, failed: 0, skipped: 2 })
  })

  it('counts a failed hook, but not the tests that it prevented', async () => {
    const { passed, failed } = await run(
      "before(() => { throw new Error('no') })\nit('a', () => {})\nit('b', () => {})",
    )
    expect({ passed, failed }).to.deep.equal({ passed: 0, failed: 1 })
  })

  it('counts a crash in the middle as a failure, besides the tests that had passed', async () => {
    const { passed, failed } = await run("it('a', () => {})\nit('b', () => process.exit(0))")
    expect({ passed, failed }).to.deep.equal({ passed: 1, failed: 1 })
  })

  it('counts a file that cannot be loaded as a failure, and reports why', async () => {
    const { passed, failed, output } = await run("import './not-there.ts'\nit('a', () => {})")
    expect({ passed, failed }).to.deep.equal({ passed: 0, failed: 1 })
    expect(output).to.include('not-there.ts')
  })

  it('has a temporary folder of its own, which is removed with it', async () => {
    const { output } = await run(
      "import { mkdtempSync } from 'node:fs'\nimport { tmpdir } from 'node:os'\n" +
        "it('a', () => console.log('folder=' + mkdtempSync(tmpdir() + '/left-behind-')))",
    )
    const folder = /folder=(.*)/.exec(output)?.[1] ?? ''
    expect(folder).to.include('left-behind-')
    expect(await readdir(path.dirname(path.dirname(folder)))).not.to.include(
      path.basename(path.dirname(folder)),
    )
  })

  it('ends early when it is aborted, and counts as failed', async () => {
    const controller = new AbortController()
    const running = run(
      "it('a', () => new Promise((resolve) => setTimeout(resolve, 50_000)))",
      controller.signal,
    )
    setTimeout(() => controller.abort(), 500)
    expect((await running).failed).to.equal(1)
  })
})

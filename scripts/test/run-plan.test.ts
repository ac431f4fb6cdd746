import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { checkRun, type TestRun } from './plan-runs.ts'
import { runPlan } from './run-plan.ts'

describe('A plan of test runs', function () {
  this.timeout(30_000)
  let dir: string
  let shown: string

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-run-plan-'))
    shown = ''
  })
  afterEach(() => rm(dir, { recursive: true, force: true }))

  const run = async (name: string, code: string): Promise<TestRun> => {
    const file = path.join(dir, `${name}.test.ts`)
    await writeFile(file, `import { existsSync, writeFileSync } from 'node:fs'\n${code}`)
    return { name, files: [file], platform: false }
  }
  const show = (chunk: Buffer | string): void => {
    shown += chunk.toString()
  }
  const flag = (name: string): string => JSON.stringify(path.join(dir, name))
  /** A test that passes only while another one runs that raises the other flag. */
  const meets = (own: string, other: string): string =>
    `it('meets ${other}', async () => {
      writeFileSync(${flag(own)}, '')
      while (!existsSync(${flag(other)})) await new Promise((wake) => setTimeout(wake, 20))
    })`

  it('runs the tests of a step at the same time, and shows their output in turn, with all failures', async () => {
    const [first, second, last] = await Promise.all([
      run('first', meets('a', 'b')),
      run('second', `${meets('b', 'a')}\nit('fails', () => { throw new Error('here') })`),
      run('last', "it('is alone', () => {})\nit.skip('is left out')"),
    ])
    const { signal } = new AbortController()
    const tallies = await runPlan([[first, second], [last]], { signal, show })
    expect([...tallies]).to.deep.equal([
      ['first', { passed: 1, failed: 0, skipped: 0, failures: [], output: '' }],
      ['second', { passed: 1, failed: 1, skipped: 0, failures: ['fails: here'], output: '' }],
      ['last', { passed: 1, failed: 0, skipped: 1, failures: [], output: '' }],
    ])
    expect(shown).to.match(
      /── first[^─]*meets b[^─]*── second[^─]*meets a[^─]*Error: here[^─]*── last[^─]*is alone/,
    )
  })

  it('gives each run of a step ports of its own', async () => {
    const ports = path.join(import.meta.dirname, '../platform/ports.ts')
    const draws = (name: string): Promise<TestRun> =>
      run(
        name,
        `it('draws a port', async () => {
          const { freePorts } = await import(${JSON.stringify(ports)})
          writeFileSync(${flag(`port of ${name}`)}, String(await freePorts(1)))
        })`,
      )
    const { signal } = new AbortController()
    await runPlan([await Promise.all(['first', 'second'].map(draws))], { signal, show })
    const drawn = async (name: string): Promise<number> =>
      Number(await readFile(path.join(dir, `port of ${name}`), 'utf8'))
    expect(await drawn('first')).to.be.within(20_000, 25_999)
    expect(await drawn('second')).to.be.within(26_000, 31_999)
  })

  it('runs the checks beside tests, and shows and counts a check that failed like a test', async () => {
    const { signal } = new AbortController()
    const tallies = await runPlan([[checkRun, await run('beside', meets('unit', 'checking'))]], {
      signal,
      show,
      async check(_signal, print = () => {}) {
        print('✓ types')
        await writeFile(path.join(dir, 'checking'), '')
        while (!existsSync(path.join(dir, 'unit'))) await new Promise((wake) => setTimeout(wake, 20))
        print('✗ links')
        return { passed: 1, failed: 1 }
      },
    })
    expect(tallies.get('check')).to.deep.equal({ passed: 1, failed: 1, skipped: 0 })
    expect(tallies.get('beside')).to.include({ passed: 1, failed: 0 })
    expect(shown).to.match(/── check\n✓ types\n✗ links\n\n── beside[^─]*meets checking/)
  })

  it('ends all runs when it is aborted, shows their output, and begins nothing more', async () => {
    const endless = await Promise.all(
      ['one', 'two'].map((name) => run(name, `${meets(name, name)}\n${meets(name, 'never')}`)),
    )
    const stopping = new AbortController()
    const running = runPlan([endless, endless], { signal: stopping.signal, show })
    while (!/meets one/.test(shown)) await new Promise((wake) => setTimeout(wake, 20))
    stopping.abort()
    const tallies = await running
    expect([...tallies.values()].map(({ failed }) => failed)).to.deep.equal([1, 1])
    expect(shown.match(/── \w+/g)).to.deep.equal(['── one', '── two'])
  })
})

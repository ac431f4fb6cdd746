import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect } from 'chai'

const modules = (file: string): string => path.join(import.meta.dirname, file)

/** A process of its own that runs `body` as its start function. */
class TestProcess {
  output = ''
  readonly child: ChildProcess

  constructor(body: string) {
    const source = `
      import { runProcess } from ${JSON.stringify(modules('run.ts'))}
      import { ConfigError } from ${JSON.stringify(modules('../config/settings.ts'))}
      const never = () => new Promise(() => {})
      const keepAlive = setInterval(() => {}, 1000)
      await runProcess('demo', async (scope) => { ${body} })`
    this.child = spawn(process.execPath, ['--input-type=module', '--eval', source])
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk) => {
        this.output += chunk
      })
    }
  }

  async prints(text: string): Promise<void> {
    const deadline = Date.now() + 10_000
    while (!this.output.includes(text)) {
      if (Date.now() > deadline) expect.fail(`did not print ${text}, but ${this.output}`)
      await new Promise((wake) => setTimeout(wake, 10))
    }
  }

  /** The exit code; kills it if it does not end. */
  async exit(): Promise<number | null> {
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 10_000)
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'close')
    clearTimeout(timer)
    return this.child.exitCode
  }
}

describe('runProcess', () => {
  const steps = `
    for (const name of ['first', 'second', 'third']) scope.onStop(name, () => console.log('stop', name))
    scope.readiness.onChange((ready) => console.log('ready', ready))
    scope.readiness.set(true)
    console.log('started')`

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`stops in reverse order on ${signal}, after it has reported that it is not ready`, async () => {
      const process = new TestProcess(steps)
      await process.prints('started')
      process.child.kill(signal)
      expect(await process.exit()).to.equal(0)
      const lines = process.output.match(/^(ready|stop) .*$/gm)
      expect(lines).to.deep.equal(['ready true', 'ready false', 'stop third', 'stop second', 'stop first'])
    })
  }

  it('ends with an error at the deadline and names the step that hung', async () => {
    const process = new TestProcess(`
      scope.configure({ shutdownDeadlineMs: 100 })
      scope.onStop('patient', never)
      console.log('started')`)
    await process.prints('started')
    process.child.kill('SIGTERM')
    expect(await process.exit()).to.equal(1)
    expect(process.output).to.include('stop step patient hung')
  })

  it('ends at once on a second signal', async () => {
    const process = new TestProcess(`
      scope.onStop('patient', () => { console.log('stopping now'); return never() })
      console.log('started')`)
    await process.prints('started')
    process.child.kill('SIGTERM')
    await process.prints('stopping now')
    process.child.kill('SIGTERM')
    expect(await process.exit()).to.equal(1)
  })

  it('runs the other steps when one fails, and exits with 1', async () => {
    const process = new TestProcess(`
      scope.onStop('first', () => console.log('stop first'))
      scope.onStop('broken', () => { throw new Error('no') })
      console.log('started')`)
    await process.prints('started')
    process.child.kill('SIGTERM')
    expect(await process.exit()).to.equal(1)
    expect(process.output).to.include('stop step broken failed').and.to.include('stop first')
  })

  for (const [what, code] of [
    ['unhandled rejection', "Promise.reject(new Error('lost'))"],
    ['uncaught exception', "setTimeout(() => { throw new Error('lost') })"],
  ] as const) {
    it(`stops in order and exits with 1 after an ${what}`, async () => {
      const process = new TestProcess(`${steps}; ${code}`)
      expect(await process.exit()).to.equal(1)
      expect(process.output).to.include(what).and.to.include('lost').and.to.include('stop first')
    })
  }

  it('prints what is wrong with the configuration as plain sentences', async () => {
    const process = new TestProcess("throw new ConfigError(['A is wrong.', 'B is wrong.'])")
    expect(await process.exit()).to.equal(1)
    expect(process.output).to.include('demo: A is wrong.\ndemo: B is wrong.\n').and.to.not.include(' at ')
  })

  it('stops the started parts when the start fails', async () => {
    const process = new TestProcess(`${steps}; throw new Error('port taken')`)
    expect(await process.exit()).to.equal(1)
    expect(process.output).to.include('port taken').and.to.include('stop first')
  })

  it('also stops parts that are started after a signal', async () => {
    const process = new TestProcess(`
      console.log('starting')
      await new Promise((resolve) => scope.stopping.addEventListener('abort', resolve))
      scope.readiness.onChange((ready) => console.log('ready', ready))
      scope.readiness.set(true)
      scope.onStop('late', () => console.log('stop late'))`)
    await process.prints('starting')
    process.child.kill('SIGTERM')
    expect(await process.exit()).to.equal(0)
    expect(process.output).to.include('stop late').and.to.not.include('ready true')
  })
})

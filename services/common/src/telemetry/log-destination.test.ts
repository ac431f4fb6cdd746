import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect } from 'chai'
import { queuedBytesMax } from './log-destination.ts'

const services = path.join(import.meta.dirname, '..', '..', '..')
/** From its start, which reads a thousand files. */
const endWithinMs = 40_000
const logFile = path.join(import.meta.dirname, 'log.ts')

describe('the log of a process', () => {
  it('holds up no end of a service and its relay, whose standard output is closed', async function () {
    this.timeout(endWithinMs + 2_000)
    const mains = ['payment/src/main.ts', 'outbox-relay/src/main.ts']
    // Without settings they say what they lack, and end at once.
    const codes = await Promise.all(mains.map((main) => endOf(start([path.join(services, main)]))))
    expect(codes).to.deep.equal([1, 1])
  })

  it('is lost where its reader is gone while the process goes on', async function () {
    this.timeout(endWithinMs + 2_000)
    const code = `
      import { createLog } from ${JSON.stringify(logFile)}
      import { setTimeout as sleep } from 'node:timers/promises'
      const log = createLog({ service: 'test', level: 'info' })
      for (let n = 0; n < 20; n++) { log.info('line'); await sleep(10) }
      log.info('last')
      process.exit(7)`
    expect(await endOf(start(['--input-type=module', '--eval', code]))).to.equal(7)
  })

  it('is written whole by a process that ends at once', async () => {
    const code = `
      import { createLog } from ${JSON.stringify(logFile)}
      const log = createLog({ service: 'test', level: 'info' })
      for (let n = 0; n < 3000; n++) log.info({ n }, 'x'.repeat(100))
      process.exit(0)`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).n)).to.deep.equal(Array.from({ length: 3000 }, (_, n) => n))
  })

  it('has the line that says why a process ends, even if that is killed at once', async () => {
    const code = `
      import { createLog } from ${JSON.stringify(logFile)}
      const log = createLog({ service: 'test', level: 'info' })
      log.info('goes on')
      log.fatal('start failed')
      process.kill(process.pid, 'SIGKILL')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    expect((await child.stdout.setEncoding('utf8').toArray()).join('')).to.include('"msg":"start failed"')
  })

  it('keeps whole lines of a bounded length for a reader that does not read, and drops what comes then', async () => {
    const code = `
      import { createLog } from ${JSON.stringify(logFile)}
      import { setImmediate as turn } from 'node:timers/promises'
      const log = createLog({ service: 'test', level: 'info' })
      for (let n = 0; n < 200; n++) { log.info({ n }, 'x'.repeat(100_000)); await turn() }
      process.stderr.write('written')`
    const child = spawn(process.execPath, ['--input-type=module', '--eval', code], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    await once(child.stderr, 'data')
    const lines = (await child.stdout.setEncoding('utf8').toArray()).join('').trim().split('\n')
    expect(lines.map((line) => JSON.parse(line).n)).to.deep.equal(lines.map((_, n) => n))
    // What the pipe holds comes on top of what is kept.
    expect(lines.join('').length).to.be.within(queuedBytesMax - 200_000, queuedBytesMax + 2_000_000)
  })
})

/** With a standard output that its reader has closed, as `| head` does once it has enough. */
function start(parameters: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, parameters, {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  child.stdout?.destroy()
  return child
}

/** @throws Error if it does not end in time; it is killed then */
async function endOf(child: ChildProcess): Promise<number | null> {
  const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs)
  const [code, signal] = await once(child, 'exit')
  clearTimeout(late)
  if (signal === 'SIGKILL') throw new Error(`it has not ended within ${endWithinMs} ms`)
  return code
}

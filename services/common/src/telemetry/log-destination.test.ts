import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { expect } from 'chai'
import { queuedBytesMax } from './log-destination.ts'

const services = path.join(import.meta.dirname, '..', '..', '..')
/** Includes the start of the process, which reads a thousand files. */
const endWithinMs = 40_000
const logFile = path.join(import.meta.dirname, 'log.ts')

describe('the log of a process', () => {
  it('does not delay the end of a service and a relay whose standard output is closed', async function () {
    this.timeout(endWithinMs + 2_000)
    const mains = ['payment/src/main.ts', 'outbox-relay/src/main.ts']
    // Without settings they print what is missing, and end at once.
    const codes = await Promise.all(mains.map((main) => endOf(start([path.join(services, main)]))))
    expect(codes).to.deep.equal([1, 1])
  })

  it('is lost once its reader is gone, and the process goes on', async function () {
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

  it('is written completely by a process that ends at once', async () => {
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

  it('contains the reason why a process ends, even if the process is killed at once', async () => {
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

  it('keeps whole lines up to a limit for a reader that does not read, and drops later ones', async () => {
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
    // The pipe's own buffer comes on top of the queue.
    expect(lines.join('').length).to.be.within(queuedBytesMax - 200_000, queuedBytesMax + 2_000_000)
  })
})

/** Starts a process whose standard output was closed by its reader, as by `| head` once it has enough. */
function start(parameters: readonly string[]): ChildProcess {
  const child = spawn(process.execPath, parameters, {
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  child.stdout?.destroy()
  return child
}

/** The exit code. @throws Error if the process does not end in time; it is killed then */
async function endOf(child: ChildProcess): Promise<number | null> {
  const late = setTimeout(() => child.kill('SIGKILL'), endWithinMs)
  const [code, signal] = await once(child, 'exit')
  clearTimeout(late)
  if (signal === 'SIGKILL') throw new Error(`it has not ended within ${endWithinMs} ms`)
  return code
}

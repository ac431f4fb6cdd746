import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect } from 'chai'
import { readLog } from './log-file.ts'
import { ManagedProcess, type ProcessSpec, StartError } from './process.ts'

describe('a managed process', () => {
  let dir: string
  let started: ManagedProcess[]

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-process-'))
    started = []
  })

  afterEach(async () => {
    for (const process of started) process.kill('SIGKILL')
    await Promise.all(started.map((process) => process.exited()))
    await rm(dir, { recursive: true, force: true })
  })

  it('is ready when its log says so, and stops on its signal', async () => {
    const process = shell('trap "echo bye; exit 0" TERM; echo hello; while :; do sleep 0.05; done')
    await process.start()
    expect(process.pid).to.be.a('number')
    await process.stop()
    expect(process.stopped).to.equal(true)
    expect(await process.lastLines()).to.include.members(['hello', 'bye'])
  })

  it('shows its last lines when it ends before it is ready', async () => {
    const process = shell('echo "cannot read the key" >&2; exit 3')
    const error = await process.start().catch((reason: unknown) => reason)
    expect(error).to.be.instanceOf(StartError)
    expect(String(error)).to.include('ended before it was ready').and.to.include('cannot read the key')
  })

  it('names a missing command', async () => {
    const process = managed({ command: 'no-such-command', args: [] })
    const error = await process.start().catch((reason: unknown) => reason)
    expect(String(error)).to.include('did not start: no-such-command')
    expect(process.stopped).to.equal(true)
  })

  it('is not left running when it does not become ready in time', async () => {
    const process = shell('sleep 60', { readyTimeoutMs: 200 })
    const error = await process.start().catch((reason: unknown) => reason)
    expect(String(error)).to.include('was not ready within 0.2 s')
    expect(process.stopped).to.equal(true)
  })

  it('is killed when it ignores its signal, even when it is paused', async () => {
    const process = shell('trap "" TERM; echo hello; while :; do sleep 0.05; done', { stopTimeoutMs: 200 })
    await process.start()
    process.kill('SIGSTOP')
    await process.stop()
    expect(process.stopped).to.equal(true)
  })

  it('can be started again with the same handle after a kill, and the exit event marks the kill as expected', async () => {
    const process = shell('echo hello; sleep 60')
    const exits: unknown[] = []
    process.on('exit', (exit, { expected }) => exits.push([exit.signal, expected]))
    await process.start()
    const first = process.pid
    process.kill('SIGKILL')
    await process.exited()
    await process.start()
    expect(process.pid).not.to.equal(first)
    expect(exits).to.deep.equal([['SIGKILL', true]])
  })

  function shell(script: string, spec: Partial<ProcessSpec> = {}): ManagedProcess {
    return managed({ command: 'sh', args: ['-c', script], ...spec })
  }

  function managed(spec: Pick<ProcessSpec, 'command' | 'args'> & Partial<ProcessSpec>): ManagedProcess {
    const logFile = path.join(dir, 'logs', 'it.log')
    const process = new ManagedProcess({
      name: 'it',
      logFile,
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 5_000,
      stage: 0,
      readyTimeoutMs: 5_000,
      isReady: async (logFrom) => existsSync(logFile) && (await readLog(logFile, logFrom)).includes('hello'),
      ...spec,
    })
    started.push(process)
    return process
  }
})

import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'
import { ManagedProcess } from '../platform/process.ts'
import { supervise } from './supervise.ts'

describe('the supervisor', () => {
  let dir: string
  let managed: ManagedProcess
  let stopping: AbortController
  let texts: string[]

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-supervise-'))
    stopping = new AbortController()
    texts = []
    managed = new ManagedProcess({
      name: 'payment',
      command: 'sh',
      args: ['-c', 'echo "listening on 7001"; sleep 60'],
      logFile: path.join(dir, 'payment.log'),
      stopSignal: 'SIGTERM',
      stopTimeoutMs: 2_000,
      stage: 0,
      readyTimeoutMs: 5_000,
      isReady: async () => true,
    })
    await managed.start()
    supervise(managed, { say: (text) => texts.push(text), onChange: () => {}, signal: stopping.signal })
  })

  afterEach(async () => {
    stopping.abort()
    await managed.stop()
    await rm(dir, { recursive: true, force: true })
  })

  it('reports a killed process with its last lines and starts it again', async () => {
    const first = managed.pid ?? 0
    await until(async () => (await managed.lastLines()).includes('listening on 7001'))
    process.kill(-first, 'SIGKILL')
    await until(() => texts.some((text) => text.startsWith('payment is back')))
    expect(texts[0]).to.include('payment was killed by SIGKILL').and.to.include('listening on 7001')
    expect(managed.pid).not.to.equal(first)
  })

  it('does not restart a process that was stopped on purpose', async () => {
    const exited = once(managed, 'exit')
    await managed.stop()
    await exited
    expect(texts).to.deep.equal([])
    expect(managed.stopped).to.equal(true)
  })

  it('starts nothing again once the system is being stopped', async () => {
    stopping.abort()
    const exited = once(managed, 'exit')
    process.kill(-(managed.pid ?? 0), 'SIGKILL')
    await exited
    expect(texts).to.deep.equal([])
    expect(managed.stopped).to.equal(true)
  })
})

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 5_000
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error('not in time')
    await delay(20)
  }
}

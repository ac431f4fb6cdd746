import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect } from 'chai'
import { readUsage } from './process-usage.ts'

describe('the usage of a process', () => {
  let child: ChildProcess
  let line: Promise<unknown>

  const start = (script: string): void => {
    child = spawn('sh', ['-c', script], { stdio: ['pipe', 'pipe', 'inherit'] })
    line = once(createInterface({ input: child.stdout ?? process.stdin }), 'line')
  }
  const burn = 'i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done'

  afterEach(() => {
    child.kill('SIGKILL')
  })

  it('includes that of its descendants, even of those that have ended', async () => {
    start(`sh -c '${burn}'; echo done; read _`)
    await line
    const { byName } = await readUsage(new Map([['child', child.pid ?? 0]]))
    expect(byName.get('child')?.cpuSeconds).to.be.above(0.01)
    expect(byName.get('child')?.residentBytes).to.be.above(100_000)
  })

  it('is part of the usage of the whole machine', async () => {
    start('echo ready; read _')
    await line
    const { byName, busySeconds } = await readUsage(new Map([['child', child.pid ?? 0]]))
    expect(busySeconds).to.be.above(byName.get('child')?.cpuSeconds ?? Number.NaN)
  })

  it('cannot be read when the process has ended, and the error names it', async () => {
    start('echo ready')
    await once(child, 'exit')
    const refused = await readUsage(new Map([['payment', child.pid ?? 0]])).catch((error: Error) => error)
    expect(refused).to.be.an('error').with.property('message', `payment (process ${child.pid}) has ended`)
  })
})

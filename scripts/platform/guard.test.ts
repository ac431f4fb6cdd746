import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { expect } from 'chai'

describe('the guard', () => {
  let parent: ChildProcess
  let dir: string
  let wardPid: number

  beforeEach(async () => {
    dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-guard-'))
    parent = spawn(process.execPath, ['--input-type=module', '--eval', parentScript(dir)], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    const [line] = await once(createInterface({ input: parent.stdout ?? process.stdin }), 'line')
    wardPid = Number(line)
  })

  afterEach(async () => {
    parent.kill('SIGKILL')
    await rm(dir, { recursive: true, force: true })
  })

  for (const signal of ['SIGKILL', 'SIGTERM', 'SIGINT'] as const) {
    it(`ends the processes and removes the folder of a parent that ${signal} has ended`, async () => {
      expect(isAlive(wardPid)).to.equal(true)
      parent.kill(signal)
      await until(() => !isAlive(wardPid), 'the process has ended')
      await until(() => !existsSync(dir), 'the folder is gone')
    })
  }
})

/** A parent that starts a process that ignores SIGTERM and never ends by itself. */
function parentScript(dir: string): string {
  const from = (file: string): string => JSON.stringify(path.join(import.meta.dirname, file))
  return `
    import { ManagedProcess } from ${from('process.ts')}
    import { orderGuard } from ${from('guard.ts')}
    orderGuard({ removeAtEnd: ${JSON.stringify(dir)} })
    const ward = new ManagedProcess({
      name: 'ward', command: 'sh', args: ['-c', 'trap "" TERM; while :; do sleep 0.1; done'],
      logFile: ${JSON.stringify(path.join(dir, 'ward.log'))}, stopSignal: 'SIGTERM', stopTimeoutMs: 300, stage: 0,
      readyTimeoutMs: 5000, isReady: async () => true,
    })
    await ward.start()
    console.log(ward.pid)
    setInterval(() => {}, 1000)`
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean, what: string): Promise<void> {
  const deadline = Date.now() + 10_000
  while (!condition()) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`)
    await delay(20)
  }
}

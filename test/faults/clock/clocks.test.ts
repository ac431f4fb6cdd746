import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect } from 'chai'
import { waitUntil } from '../../support/wait-until.ts'
import { settableClocks } from './clocks.ts'

describe('the clock of a process', () => {
  it('can be set while the process runs, and set right again', async () => {
    const clocks = await settableClocks()
    const program = `setInterval(() => console.log(Date.now(), new Date().getTime(), new Date(7).getTime()), 50)`
    const child = spawn(process.execPath, ['-e', program], {
      env: { ...process.env, ...clocks.envOf('printer') },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let printed: number[] = []
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed = text.trim().split('\n').at(-1)?.split(' ').map(Number) ?? []
    })
    const isOffBy = (ms: number) => async () =>
      printed.length === 3 && printed.slice(0, 2).every((at) => Math.abs(at - Date.now() - ms) < 5_000)
    try {
      await waitUntil('the right time', isOffBy(0))
      clocks.shift('printer', 3_600_000)
      await waitUntil('an hour later', isOffBy(3_600_000))
      expect(printed[2], 'a date with a given time').to.equal(7)
      clocks.heal()
      await waitUntil('the right time', isOffBy(0))
    } finally {
      child.kill('SIGKILL')
      await once(child, 'exit')
      await clocks.remove()
    }
  })
})

import { setTimeout as sleep } from 'node:timers/promises'
import { logLength, readLog } from '../platform/log-file.ts'
import { BenchError } from './bench-error.ts'
import { type Devtools, openDevtools } from './devtools.ts'
import type { MeasuredProcess } from './system-under-test.ts'

const openTimeoutMs = 5_000

/**
 * Opens the inspector of a running Node process, by SIGUSR1. Several can be open at once where the processes have
 * `--inspect-port=0`.
 *
 * @throws BenchError if it does not open in time
 */
export async function openInspector({ name, pid, logFile }: MeasuredProcess): Promise<Devtools> {
  const logFrom = await logLength(logFile)
  process.kill(pid, 'SIGUSR1')
  const deadline = Date.now() + openTimeoutMs
  for (;;) {
    const url = /Debugger listening on (ws:\S+)/.exec(await readLog(logFile, logFrom))?.[1]
    if (url) return await openDevtools(url)
    if (Date.now() > deadline) throw new BenchError(`${name} does not open its inspector (see ${logFile}).`)
    await sleep(50)
  }
}

/** An open inspector lets anyone on this machine run code in the process: it must not stay. */
export async function closeInspector(devtools: Devtools): Promise<void> {
  await devtools.send('Runtime.evaluate', { expression: 'setImmediate(() => process._debugEnd())' })
  devtools.close()
}

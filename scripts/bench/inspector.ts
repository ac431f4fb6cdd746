import { setTimeout as sleep } from 'node:timers/promises'
import { logLength, readLog } from '../platform/log-file.ts'
import { BenchError } from './bench-error.ts'
import { type Devtools, openDevtools } from './devtools.ts'
import type { MeasuredProcess } from './system-under-test.ts'

const openTimeoutMs = 5_000

/**
 * Opens the inspector of a running Node process, by SIGUSR1. Several can be open at the same time if the processes
 * have
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

/** Closes the inspector: while it is open, any user of this machine can run code in the process. */
export async function closeInspector(devtools: Devtools): Promise<void> {
  await devtools.send('Runtime.evaluate', { expression: 'setImmediate(() => process._debugEnd())' })
  devtools.close()
}

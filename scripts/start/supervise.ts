import { setTimeout as delay } from 'node:timers/promises'
import type { Exit, ManagedProcess } from '../platform/process.ts'

export interface SuperviseOptions {
  /** Gets messages for the user, in whole lines. */
  readonly say: (text: string) => void
  /** Called after each change of a process id. */
  readonly onChange: () => void
  /** Ends the supervision: after that nothing is started again. */
  readonly signal: AbortSignal
}

const restartsMax = 10
const healthyAfterMs = 60_000
const firstPauseMs = 250
const pauseMaxMs = 10_000
const lineLengthMax = 200

/**
 * Restarts a process whenever it ends by itself or is killed, with a growing pause, at most ten times in a row. After
 * a minute of running the count begins again.
 */
export function supervise(process: ManagedProcess, options: SuperviseOptions): void {
  const { say, onChange, signal } = options
  let restarts = 0
  let startedAt = Date.now()
  const onExit = async (exit: Exit): Promise<void> => {
    onChange()
    if (signal.aborted) return
    if (Date.now() - startedAt > healthyAfterMs) restarts = 0
    say(await obituary(process, exit))
    while (!signal.aborted) {
      if (restarts >= restartsMax) {
        say(
          `${process.name} ended ${restartsMax} times in a row and is not restarted any more. Its log: ${process.spec.logFile}`,
        )
        return
      }
      await delay(Math.min(firstPauseMs * 2 ** restarts, pauseMaxMs))
      restarts++
      if (signal.aborted) return
      startedAt = Date.now()
      try {
        await process.launch()
        onChange()
        await process.ready()
        say(`${process.name} is back after ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
        return
      } catch (error) {
        if (!signal.aborted) say(error instanceof Error ? error.message : String(error))
      }
    }
  }
  // The restart loop handles exits during a restart.
  let busy = false
  process.on('exit', (exit, { expected }) => {
    if (expected || busy) return
    busy = true
    onExit(exit).finally(() => {
      busy = false
    })
  })
}

async function obituary(process: ManagedProcess, { code, signal }: Exit): Promise<string> {
  const how = signal === null ? `ended with code ${code}` : `was killed by ${signal}`
  const lines = (await process.lastLines(5)).filter((line) => line !== '')
  const last =
    lines.length > 0
      ? `, its last lines:\n${lines.map((line) => `    ${line.slice(0, lineLengthMax)}`).join('\n')}`
      : ''
  return `${process.name} ${how}; it is started again. Its log: ${process.spec.logFile}${last}`
}

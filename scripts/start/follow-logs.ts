import pretty from 'pino-pretty'
import { logLength, readLog } from '../platform/log-file.ts'
import type { ManagedProcess } from '../platform/process.ts'

const pollMs = 200
const colors = [36, 32, 33, 35, 34, 96, 92, 93, 95, 94]

/**
 * Writes what the processes log from now on to standard output, each line after the name of its process, with the
 * services' JSON in a readable form.
 *
 * @returns a function that ends it
 */
export function followLogs(processes: Iterable<ManagedProcess>, color: boolean): () => void {
  const format = pretty.prettyFactory({ colorize: color, ignore: 'pid,hostname,service', singleLine: true })
  const timers = [...processes].map((process, index) => {
    const prefix = process.name.padEnd(20)
    const shown = color ? `\u001b[${colors[index % colors.length]}m${prefix}\u001b[0m` : prefix
    return follow(process.spec.logFile, (line) => console.log(`${shown}│ ${readable(line, format)}`))
  })
  return () => {
    for (const timer of timers) clearInterval(timer)
  }
}

function follow(file: string, write: (line: string) => void): NodeJS.Timeout {
  let position: number | undefined
  let rest = ''
  let busy = false
  const poll = async (): Promise<void> => {
    position ??= await logLength(file)
    const text = await readLog(file, position)
    position += Buffer.byteLength(text)
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) write(line)
  }
  return setInterval(() => {
    if (busy) return
    busy = true
    poll().finally(() => {
      busy = false
    })
  }, pollMs)
}

function readable(line: string, format: (value: object) => string | undefined): string {
  if (!line.startsWith('{')) return line
  try {
    return format(JSON.parse(line) as object)?.trimEnd() ?? line
  } catch {
    // The line is not JSON: it is shown as it is.
    return line
  }
}

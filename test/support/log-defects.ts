import { readdir } from 'node:fs/promises'
import path from 'node:path'
import { readLog } from '../../scripts/platform/log-file.ts'

/**
 * Reads the answers that were defects (INTERNAL over gRPC, 500 over HTTP) from the logs of a system's processes. Each
 * call returns those since the previous call, as `<process>: <line>`.
 */
export function readLogDefects(logDir: string): () => Promise<string[]> {
  const readTo = new Map<string, number>()
  return async () => {
    const names = await readdir(logDir).catch(() => [])
    const found: string[] = []
    for (const name of names.filter((file) => file.endsWith('.log'))) {
      const from = readTo.get(name) ?? 0
      const text = await readLog(path.join(logDir, name), from)
      // The last line may be half written.
      const whole = text.slice(0, text.lastIndexOf('\n') + 1)
      readTo.set(name, from + Buffer.byteLength(whole))
      found.push(...defectsIn(whole).map((line) => `${path.basename(name, '.log')}: ${line}`))
    }
    return found
  }
}

/** The lines of a log that report an answer which was a defect. */
export function defectsIn(log: string): string[] {
  return log.split('\n').filter((line) => line.includes('"level":"error"') && isDefect(line))
}

/** Matches the lines that observe.ts (gRPC) and errors.ts (the console) write. */
function isDefect(line: string): boolean {
  try {
    const { level, msg, code, status } = JSON.parse(line) as Readonly<Record<string, unknown>>
    if (level !== 'error') return false
    return msg === 'call' ? defectCodes.includes(String(code)) : msg === 'a request failed' && status === 500
  } catch {
    // The process was killed in the middle of this line.
    return false
  }
}

const defectCodes: readonly string[] = ['INTERNAL', 'UNKNOWN', 'DATA_LOSS']

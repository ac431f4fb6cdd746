import { open, stat } from 'node:fs/promises'

/** The length of a log file in bytes; 0 if it does not exist yet. */
export async function logLength(file: string): Promise<number> {
  return await stat(file).then(
    (found) => found.size,
    () => 0,
  )
}

/** The text of a log file from a byte position on; '' if it does not exist yet. */
export async function readLog(file: string, from: number): Promise<string> {
  const handle = await open(file).catch(() => undefined)
  if (!handle) return ''
  try {
    const { size } = await handle.stat()
    const buffer = Buffer.alloc(Math.max(size - from, 0))
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, from)
    return buffer.toString('utf8', 0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** The last lines that a process wrote since a byte position, which show why it failed. */
export async function lastLogLines(file: string, from: number, count = 12): Promise<string[]> {
  const start = Math.max(from, (await logLength(file)) - 64 * 1024)
  return (await readLog(file, start)).trimEnd().split('\n').slice(-count)
}

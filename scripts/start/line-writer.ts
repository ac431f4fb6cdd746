import { systemErrorText } from '../platform/system-error.ts'

/**
 * Writes lines to standard output as long as it accepts them. After that the system continues, because it is worth
 * more than its output. One message goes to standard error.
 */
export function createLineWriter(): (line: string) => void {
  let isGone = false
  process.stdout.on('error', (error) => {
    if (isGone) return
    isGone = true
    const why = systemErrorText(error) ?? error.message
    process.stderr.write(
      `Standard output cannot be written to: ${why}. The system continues; stop it with Ctrl-C or SIGTERM.\n`,
    )
  })
  process.stderr.on('error', () => {
    // No output is left that could report it.
  })
  return (line) => {
    if (!isGone) process.stdout.write(`${line}\n`)
  }
}

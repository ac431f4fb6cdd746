import { systemErrorText } from '../platform/system-error.ts'

/**
 * Writes lines to standard output as long as that takes them. When it does not any more, the system goes on: what runs is worth more
 * than what is said of it. Standard error is told once.
 */
export function createLineWriter(): (line: string) => void {
  let isGone = false
  process.stdout.on('error', (error) => {
    if (isGone) return
    isGone = true
    const why = systemErrorText(error) ?? error.message
    process.stderr.write(
      `Standard output cannot be written to: ${why}. The system goes on; stop it with Ctrl-C or SIGTERM.\n`,
    )
  })
  process.stderr.on('error', () => {
    // There is no one left to be told.
  })
  return (line) => {
    if (!isGone) process.stdout.write(`${line}\n`)
  }
}

import { systemErrorText } from '../platform/system-error.ts'

/** What a shell says of a program that SIGPIPE has ended: 128 and the signal's number. */
const brokenPipe = 141

/**
 * Ends this process once what it says cannot be written. `| head` closes the pipe when it has seen enough: that is said by the exit
 * code alone, as other programs do. A full disk or a terminal that is gone is an error, and standard error says so.
 */
export function endWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(brokenPipe)
    const why = systemErrorText(error) ?? error.message
    process.stderr.write(
      `error: Standard output cannot be written to: ${why}\n next: let it lead to where there is room, and run the command again\n`,
      () => process.exit(1),
    )
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? brokenPipe : 1)
  })
}

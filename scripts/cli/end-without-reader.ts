import { systemErrorText } from '../platform/system-error.ts'

/** The exit code that a shell reports for a program that SIGPIPE has ended: 128 plus the signal's number. */
const brokenPipe = 141

/**
 * Ends this process once its output cannot be written. `| head` closes the pipe when it has seen enough: then only the
 * exit code shows it, as with other programs. A full disk or a terminal that is gone is an error, which standard error
 * reports.
 */
export function endWithoutReader(): void {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(brokenPipe)
    const why = systemErrorText(error) ?? error.message
    process.stderr.write(
      `error: Standard output cannot be written to: ${why}\n next: redirect it to a place with free space, and run the command again\n`,
      () => process.exit(1),
    )
  })
  process.stderr.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? brokenPipe : 1)
  })
}

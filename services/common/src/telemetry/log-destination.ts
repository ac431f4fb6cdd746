import sonicBoom from 'sonic-boom'

/** The destination of a log's lines. */
export interface LogDestination {
  write(line: string): void
  /** Writes the queue at once. pino calls it after a line of level `fatal`, as the process may end soon. */
  flushSync(): void
}

/**
 * Standard output that never waits for its reader. Up to {@link queuedBytesMax} wait for a slow reader. A line without
 * room is dropped: the log then has a hole, and the process does not grow.
 *
 * At the end of the process the queue is written at once. A reader that exists and does not read delays that end,
 * until it reads, goes, or the process is killed. If the reader is gone (`… | head -1`) the log is lost, and the
 * process runs and ends as it would have.
 *
 * It replaces pino's own destination, of sonic-boom 4, which at the end of the process retries for ever to write to a
 * reader that is gone.
 */
export function standardOutput(): LogDestination {
  ofThisProcess ??= open()
  return ofThisProcess
}

/** The one destination of this process, so that the lines of all logs keep their order. */
let ofThisProcess: LogDestination | undefined

/** Thousands of lines: more than a fast reader ever leaves waiting, and little beside the memory of a process. */
export const queuedBytesMax = 8_000_000

function open(): LogDestination {
  const output = new sonicBoom.SonicBoom({ fd: 1, sync: false, maxLength: queuedBytesMax })
  let isGone = false
  output.on('error', (error: NodeJS.ErrnoException) => {
    isGone ||= error.code === 'EPIPE'
  })
  const destination: LogDestination = {
    write(line) {
      if (!isGone) output.write(line)
    },
    flushSync() {
      try {
        if (!isGone) output.flushSync()
      } catch {
        // No output is left that could report this.
      }
    },
  }
  process.on('exit', destination.flushSync)
  return destination
}

import sonicBoom from 'sonic-boom'

/** Where a log writes its lines. */
export interface LogDestination {
  write(line: string): void
  /** Writes at once what waits. pino calls it after a line of the level `fatal`, for the process may not live much longer. */
  flushSync(): void
}

/**
 * Standard output, without waiting for its reader. Up to {@link queuedBytesMax} wait for a reader that is slow. A line that finds no
 * room is dropped: the log has a hole then, and the process does not grow.
 *
 * At the end of the process what waits is written at once. A reader that is there and does not read holds up that end, until it
 * reads, goes, or the process is killed. Where the reader is gone (`… | head -1`) the log is lost. The process goes on, and ends, as
 * it would have.
 *
 * It replaces pino's own destination, which is of sonic-boom 4: at the end of the process that one writes to a reader that is gone
 * again and again, for ever.
 */
export function standardOutput(): LogDestination {
  ofThisProcess ??= open()
  return ofThisProcess
}

/** One, so that the lines of all logs keep their order. */
let ofThisProcess: LogDestination | undefined

/** Thousands of lines. More than a reader that keeps up ever leaves, and little beside the memory of a process. */
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
        // Nothing is left that could say so.
      }
    },
  }
  process.on('exit', destination.flushSync)
  return destination
}

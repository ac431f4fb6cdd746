import sonicBoom from 'sonic-boom'

/** Where a log writes its lines. */
export interface LogDestination {
  write(line: string): void
}

/**
 * Standard output, without waiting for its reader; at the end of the process what is left is written at once. Where the reader is
 * gone (`… | head -1`) the log is lost. The process goes on, and ends, as it would have.
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

function open(): LogDestination {
  const output = new sonicBoom.SonicBoom({ fd: 1, sync: false })
  let isGone = false
  output.on('error', (error: NodeJS.ErrnoException) => {
    isGone ||= error.code === 'EPIPE'
  })
  process.on('exit', () => {
    try {
      if (!isGone) output.flushSync()
    } catch {
      // Nothing is left that could say so.
    }
  })
  return {
    write(line) {
      if (!isGone) output.write(line)
    },
  }
}

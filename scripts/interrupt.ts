const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** The interval of the checks whether npm still runs, in milliseconds. */
const watchMs = 500

/**
 * Returns a signal that SIGINT, SIGTERM, SIGHUP and the death of the npm that runs this script abort. Its users end
 * what they started. The process then ends by itself with the exit code that a shell expects. A second signal ends it
 * at once, and the guard ends the rest.
 */
export function abortOnSignal(): AbortSignal {
  const controller = new AbortController()
  const abort = (exitCode: number): void => {
    if (controller.signal.aborted) process.exit(exitCode)
    process.exitCode = exitCode
    controller.abort()
  }
  for (const [signal, exitCode] of Object.entries(exitCodes)) process.on(signal, () => abort(exitCode))
  if (process.env.npm_lifecycle_event) abortWithParent(() => abort(exitCodes.SIGTERM))
  return controller.signal
}

/** Aborts when the parent changes: a SIGTERM to npm alone ends npm and its shell, and does not reach this process. */
function abortWithParent(abort: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    abort()
  }, watchMs)
  timer.unref()
}

const exitCodes = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const

/** How often it is looked whether npm still lives, in milliseconds. */
const watchMs = 500

/**
 * A signal that is aborted by SIGINT, SIGTERM and SIGHUP, and by the death of the npm that runs this script: whoever
 * gets it ends what it started. The process then ends by itself with the exit code that a shell expects; a second
 * signal ends it at once, and the guard does the rest.
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

/** A SIGTERM that only npm gets ends npm and its shell, and never comes here: what they ran gets another parent. */
function abortWithParent(abort: () => void): void {
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    abort()
  }, watchMs)
  timer.unref()
}

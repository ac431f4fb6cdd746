/**
 * A signal that is aborted by SIGINT, SIGTERM and SIGHUP: whoever gets it ends what it started. The process then ends by
 * itself with the exit code that a shell expects; a second SIGINT ends it at once, and the guard does the rest.
 */
export function abortOnSignal(): AbortSignal {
  const controller = new AbortController()
  for (const [signal, number] of [
    ['SIGINT', 2],
    ['SIGTERM', 15],
    ['SIGHUP', 1],
  ] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(128 + number)
      controller.abort()
      process.exitCode = 128 + number
    })
  }
  return controller.signal
}

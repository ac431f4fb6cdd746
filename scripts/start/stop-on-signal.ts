import { orderGuard } from '../platform/guard.ts'

const sameSignalMs = 1_000

/**
 * Turns the first Ctrl-C (or SIGTERM, or the end of the terminal) into an aborted signal, for an orderly stop. The
 * second one ends this process: then the guard kills what is left.
 */
export function stopOnSignal(say: (text: string) => void): AbortSignal {
  const controller = new AbortController()
  let firstAt = 0
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (!controller.signal.aborted) {
        firstAt = performance.now()
        say('\nStopping; another Ctrl-C kills …')
        controller.abort()
        return
      }
      // npm passes on a Ctrl-C that the terminal has already sent to this process.
      if (performance.now() - firstAt < sameSignalMs) return
      orderGuard({ kill: true })
      process.exit(130)
    })
  }
  return controller.signal
}

import { ConfigError } from '../config/settings.ts'
import { createLog, type Logger } from '../telemetry/log.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { createStopSteps } from './stop-steps.ts'

/** What a process's start function is given. */
export interface ProcessScope {
  /** Adds a step to the orderly stop; steps run one after the other, the last added first. */
  onStop(name: string, stop: () => unknown): void
  /** Off until the start function sets it; set off by the first signal. */
  readonly readiness: Readiness
  /** Aborted when the stop begins. */
  readonly stopping: AbortSignal
  /** Ends the process in order with exit code 1, for a failure that it cannot live with. */
  fail(error: unknown): void
  /** Replaces the log and the times that were in force until the settings were read. */
  configure(options: ProcessOptions): void
}

export interface ProcessOptions {
  readonly log?: Logger
  /** Between "not ready" and the first stop step, so that load balancers look away first. */
  readonly shutdownGraceMs?: number
  /** From the signal to a forced end. */
  readonly shutdownDeadlineMs?: number
}

/**
 * Runs a process: starts it, and ends it in order on SIGTERM or SIGINT.
 *
 * Readiness goes off, then after a short wait the stop steps run in reverse order. If they take longer than the deadline
 * the process ends with exit code 1 and says which step hung. A second signal ends it at once. An error that nobody
 * caught ends it in order with exit code 1.
 */
export async function runProcess(name: string, start: (scope: ProcessScope) => Promise<void>): Promise<void> {
  let options: Required<ProcessOptions> = {
    log: createLog({ service: name, level: 'info' }),
    shutdownGraceMs: 0,
    shutdownDeadlineMs: 10_000,
  }
  const stopping = new AbortController()
  const readiness = createReadiness(stopping.signal)
  const steps = createStopSteps()

  const stop = async (exitCode: number, why: string): Promise<void> => {
    if (stopping.signal.aborted) return
    stopping.abort()
    const { log, shutdownGraceMs, shutdownDeadlineMs } = options
    readiness.set(false)
    log.info({ why }, 'stopping')
    const deadline = setTimeout(() => {
      const step = steps.current ?? 'start'
      log.error({ step, deadlineMs: shutdownDeadlineMs }, `stop step ${step} hung`)
      process.exit(1)
    }, shutdownDeadlineMs)
    if (exitCode === 0 && shutdownGraceMs > 0) await new Promise((wake) => setTimeout(wake, shutdownGraceMs))
    const onFailure = (step: string, err: unknown): void =>
      log.error({ err, step }, `stop step ${step} failed`)
    let failures = await steps.run(onFailure)
    // A signal may come while it starts: what is still started is stopped as well.
    await started.catch(() => undefined)
    failures += await steps.run(onFailure)
    clearTimeout(deadline)
    log.info('stopped')
    process.exit(failures > 0 ? 1 : exitCode)
  }
  const fail = (err: unknown, message: string): void => {
    options.log.fatal({ err }, message)
    void stop(1, message)
  }

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.on(signal, () => {
      if (stopping.signal.aborted) process.exit(1)
      void stop(0, signal)
    })
  }
  process.on('unhandledRejection', (err) => fail(err, 'unhandled rejection'))
  process.on('uncaughtException', (err) => fail(err, 'uncaught exception'))

  const started = Promise.resolve().then(() =>
    start({
      onStop: steps.add,
      readiness,
      stopping: stopping.signal,
      fail: (error) => fail(error, 'the process cannot go on'),
      configure(changes) {
        options = { ...options, ...changes }
      },
    }),
  )
  try {
    await started
  } catch (error) {
    // Once it stops, what it started is taken away under its feet.
    if (stopping.signal.aborted) return
    if (error instanceof ConfigError) {
      for (const problem of error.problems) process.stderr.write(`${name}: ${problem}\n`)
    } else {
      options.log.fatal({ err: error }, 'start failed')
    }
    await stop(1, 'start failed')
  }
}

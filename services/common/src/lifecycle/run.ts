import { ConfigError } from '../config/settings.ts'
import { createLog, type Logger } from '../telemetry/log.ts'
import { createReadiness, type Readiness } from './readiness.ts'
import { createStopSteps } from './stop-steps.ts'

/** The argument of a process's start function. */
export interface ProcessScope {
  /** Adds a step to the orderly stop. Steps run one after the other, the last added first. */
  onStop(name: string, stop: () => unknown): void
  /** Off until the start function sets it; the first signal sets it off again. */
  readonly readiness: Readiness
  /** Aborted when the stop begins. */
  readonly stopping: AbortSignal
  /** Ends the process in order with exit code 1, after a failure that it cannot survive. */
  fail(error: unknown): void
  /** Replaces the default log and times once the settings have been read. */
  configure(options: ProcessOptions): void
}

export interface ProcessOptions {
  readonly log?: Logger
  /** The time between "not ready" and the first stop step, in which load balancers stop sending calls. */
  readonly shutdownGraceMs?: number
  /** The time from the signal to a forced end. */
  readonly shutdownDeadlineMs?: number
}

/**
 * Runs a process: starts it, and ends it in order on SIGTERM or SIGINT.
 *
 * Readiness goes off, then after a short wait the stop steps run in reverse order. If they take longer than the
 * deadline, the process ends with exit code 1 and logs which step hung. A second signal ends it at once. An uncaught
 * error ends it in order with exit code 1.
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
    // A signal may come during the start: parts that are still started are stopped as well.
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
    // After the stop has begun, parts of the start fail because the others are gone.
    if (stopping.signal.aborted) return
    if (error instanceof ConfigError) {
      for (const problem of error.problems) process.stderr.write(`${name}: ${problem}\n`)
    } else {
      options.log.fatal({ err: error }, 'start failed')
    }
    await stop(1, 'start failed')
  }
}

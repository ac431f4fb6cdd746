import { type Logger, type LoggerOptions, pino } from 'pino'
import { standardOutput } from './log-destination.ts'

export type { Logger } from 'pino'

export interface LogOptions {
  readonly service: string
  readonly level: string
}

/** Creates the process's log: one JSON object on each line of standard output, without tokens and payloads. */
export function createLog(options: LogOptions): Logger {
  return pino(logOptions(options), standardOutput())
}

/** The pino options of {@link createLog}, for tests that write to another destination. */
export function logOptions({ service, level }: LogOptions): LoggerOptions {
  return {
    level,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: {
      paths: secretNames.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]),
      censor: '[redacted]',
    },
  }
}

const secretNames = ['authorization', 'token', 'payload', 'password', 'databaseUrl']

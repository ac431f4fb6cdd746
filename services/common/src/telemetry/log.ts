import { type Logger, type LoggerOptions, pino } from 'pino'
import { standardOutput } from './log-destination.ts'

export type { Logger } from 'pino'

export interface LogOptions {
  readonly service: string
  readonly level: string
}

/** Makes the process's log: one JSON object a line on standard output, without tokens and payloads. */
export function createLog(options: LogOptions): Logger {
  return pino(logOptions(options), standardOutput())
}

/** What {@link createLog} gives pino, for tests that write elsewhere. */
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

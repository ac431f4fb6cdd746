import type { Logger } from './log.ts'

/** The kinds of events. Each has its own limit, so a flood of refusals hides no change. */
export type SecurityKind = 'change' | 'unauthenticated' | 'permission_denied' | 'not_admitted'

/** An event: the caller, the method, the ids and the outcome. Never a token or a payload. */
export interface SecurityEvent {
  readonly kind: SecurityKind
  /** The subject of the token; empty if the token was refused. */
  readonly subject: string
  /** The caller's address, with its port. */
  readonly peer: string
  /** `package.Service/Method`, or a route: `POST /api/…`. */
  readonly method: string
  /** The ids in the request. */
  readonly ids?: Readonly<Record<string, string>> | undefined
  /** `OK`, or the code of the refusal; for HTTP, the status. */
  readonly outcome: string
  readonly reason?: string | undefined
  readonly traceId?: string | undefined
}

export interface SecurityLog {
  record(event: SecurityEvent): void
}

/** The limit of lines of one kind in a second. */
const linesPerSecondMax = 50
const secondMs = 1_000

/**
 * The log of changes by operators and of refused callers: lines with `log: "security"` in the process's own log,
 * whatever LOG_LEVEL is. In a flood it keeps the beginning of each second, and the number of events that it left out.
 */
export function createSecurityLog(log: Logger): SecurityLog {
  // Lines that a level leaves out would be missed later; only a test's log is silent.
  const level = log.level === 'silent' ? 'silent' : 'info'
  const lines = log.child({ log: 'security' }, { level })
  const seconds = new Map<SecurityKind, Second>()
  return {
    record(event) {
      const second = seconds.get(event.kind) ?? { begin: 0, written: 0, omitted: 0 }
      seconds.set(event.kind, second)
      const now = performance.now()
      if (second.written === 0 || now - second.begin >= secondMs)
        Object.assign(second, { begin: now, written: 0 })
      if (second.written < linesPerSecondMax) {
        second.written += 1
        lines.info(event, 'security')
        return
      }
      if (second.omitted === 0) setTimeout(() => logOmitted(event.kind, second), secondMs).unref()
      second.omitted += 1
    },
  }

  function logOmitted(kind: SecurityKind, second: Second): void {
    lines.warn({ kind, omitted: second.omitted }, 'more than can be kept')
    second.omitted = 0
  }
}

interface Second {
  begin: number
  written: number
  omitted: number
}

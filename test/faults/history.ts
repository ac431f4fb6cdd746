import { createWriteStream } from 'node:fs'
import { finished } from 'node:stream/promises'
import { Code, codeName, RemoteError } from '@boxoffice/common/status/errors.ts'

/** The calls that clients make. */
export type Action = 'charge' | 'hold' | 'checkout' | 'get' | 'watch' | 'cancel' | 'release'

export type Fields = Readonly<Record<string, unknown>>

/** One operation of a client, from the call to its end. */
export interface Operation {
  readonly nth: number
  readonly client: string
  readonly action: Action
  readonly request: Fields
  /** Milliseconds after the start of the history. */
  readonly invokedMs: number
  /**
   * `failed` is a refusal: the system answered that nothing happened. After `unknown` the call may have had its effect
   * or not.
   */
  outcome: 'invoked' | 'ok' | 'failed' | 'unknown'
  endedMs: number | undefined
  answer: Fields | undefined
  /** Code and reason of a call that did not succeed: `UNAVAILABLE NOT_READY`. */
  error: string | undefined
}

/** How a call ended. */
export type Answer<T> =
  | { readonly outcome: 'ok'; readonly value: T }
  | { readonly outcome: 'failed' | 'unknown'; readonly error: string }

/** Every call of the clients and every answer to them, as they happened, in memory and as lines of JSON. */
export class History {
  readonly operations: Operation[] = []
  /** The `performance.now()` from which the times of the history count. */
  readonly startedAt = performance.now()
  readonly #file: ReturnType<typeof createWriteStream>

  constructor(file: string) {
    this.#file = createWriteStream(file)
  }

  nowMs(): number {
    return Math.round(performance.now() - this.startedAt)
  }

  /**
   * Makes a call and records when it began and how it ended. Never throws if the call fails.
   *
   * @param describe - picks the part of the answer that the checkers need
   */
  async call<T>(
    client: string,
    action: Action,
    request: Fields,
    call: () => Promise<T>,
    describe: (value: T) => Fields,
  ): Promise<Answer<T>> {
    const operation = this.begin(client, action, request)
    try {
      const value = await call()
      this.end(operation, 'ok', describe(value))
      return { outcome: 'ok', value }
    } catch (error) {
      const outcome = isRefusal(error) ? 'failed' : 'unknown'
      const text = nameOf(error)
      this.end(operation, outcome, undefined, text)
      return { outcome, error: text }
    }
  }

  begin(client: string, action: Action, request: Fields): Operation {
    const operation: Operation = {
      nth: this.operations.length,
      client,
      action,
      request,
      invokedMs: this.nowMs(),
      outcome: 'invoked',
      endedMs: undefined,
      answer: undefined,
      error: undefined,
    }
    this.operations.push(operation)
    this.#write({ nth: operation.nth, at: operation.invokedMs, type: 'invoked', client, action, ...request })
    return operation
  }

  end(
    operation: Operation,
    outcome: 'ok' | 'failed' | 'unknown',
    answer: Fields | undefined,
    error?: string,
  ): void {
    Object.assign(operation, { outcome, answer, error, endedMs: this.nowMs() })
    const { nth, client, action, endedMs } = operation
    this.#write({ nth, at: endedMs, type: outcome, client, action, ...answer, ...(error ? { error } : {}) })
  }

  async close(): Promise<void> {
    this.#file.end()
    await finished(this.#file)
  }

  #write(line: Fields): void {
    this.#file.write(
      `${JSON.stringify(line, (_, value) => (typeof value === 'bigint' ? String(value) : value))}\n`,
    )
  }
}

/** Whether the system has answered that it did nothing. After any other error it may have done it or not. */
export function isRefusal(error: unknown): boolean {
  return error instanceof RemoteError && refusals.has(error.code) && error.reason !== ''
}

const refusals: ReadonlySet<number> = new Set([
  Code.FAILED_PRECONDITION,
  Code.ALREADY_EXISTS,
  Code.NOT_FOUND,
  Code.INVALID_ARGUMENT,
])

/** Code and reason, as in {@link Operation.error}. */
export function nameOf(error: unknown): string {
  if (!(error instanceof RemoteError)) return String(error)
  return [codeName(error.code), error.reason].filter((part) => part !== '').join(' ')
}

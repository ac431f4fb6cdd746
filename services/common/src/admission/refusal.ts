import { ApiError, Code, ErrorReason, reasonName } from '../status/errors.ts'

/** The bound that a caller exceeded. Metrics, the alert and `ErrorInfo.metadata.bound` contain these names. */
export type Bound =
  | 'calls_per_process'
  | 'calls_per_caller'
  | 'rate_per_caller'
  | 'failed_tokens_per_address'
  | 'unread_answers'
  | 'request_arrival'
  | 'connections_per_process'
  | 'connections_per_address'
  | 'connection_rate_per_address'
  | 'refusals_per_connection'

/** The class of calls that share a bound: with a verified token or without, answered once or streamed. */
export type CallClass = 'call' | 'stream' | 'anonymous_call' | 'anonymous_stream'

/** The error of a call that is not admitted. Nothing of it was done; the caller may retry after `retryAfterMs`. */
export class AdmissionError extends ApiError {
  readonly bound: Bound

  constructor(bound: Bound, retryAfterMs: number) {
    super({
      code: Code.RESOURCE_EXHAUSTED,
      reason: reasonName(ErrorReason.TOO_MUCH_AT_ONCE),
      message: messageOf[bound],
      metadata: { bound },
      retryAfterMs: Math.ceil(retryAfterMs),
    })
    this.bound = bound
  }
}

const messageOf: Readonly<Record<Bound, string>> = {
  calls_per_process: 'The service has as many calls in flight as it takes; try again',
  calls_per_caller: 'You have as many calls in flight as one caller may; wait for their answers',
  rate_per_caller: 'You call more often than one caller may; try again later',
  failed_tokens_per_address: 'Too many tokens from your address were not valid; try again later',
  unread_answers: 'Too many bytes wait to be read; the slowest readers go first',
  request_arrival: 'The request did not arrive whole in time; send it in one go',
  connections_per_process: 'The service has as many connections as it takes; try again',
  refusals_per_connection:
    'Too many calls of your connection were not let in; wait as long as their answers say',
  connections_per_address: 'Your address has as many connections as one may',
  connection_rate_per_address: 'Your address opens connections more often than one may; try again later',
}

import { Code, RemoteError } from '@boxoffice/common/status/errors.ts'

/** A service's refusal, for good or for now. The same refusal always has the same text. */
export type Refusal =
  | { readonly kind: 'terminal'; readonly reason: string; readonly message: string }
  | { readonly kind: 'transient'; readonly reason: string; readonly message: string }

/** The refusals that a retry cannot change, by the service's reason. */
const terminal: Readonly<Record<string, string>> = {
  CONSUMER_NOT_FOUND: 'UnknownGroup',
  REPLAY_FROM_FUTURE: 'FromFuture',
  REPLAY_RUNNING: 'AnotherReplayRunning',
  FIELD_VIOLATION: 'InvalidRange',
  REQUEST_ID_REUSED: 'RequestIdReused',
  REPLAY_NOT_FOUND: 'ReplayLost',
}

/** The refusal that a call's error means for the replay; undefined if the error is not the service's. */
export function refusalOf(error: unknown): Refusal | undefined {
  if (!(error instanceof RemoteError)) return undefined
  const { code, reason, message } = error
  const final = terminal[reason]
  if (final !== undefined) return { kind: 'terminal', reason: final, message }
  // A refused token can be replaced, and a service that is away comes back.
  const isToken = code === Code.UNAUTHENTICATED || code === Code.PERMISSION_DENIED
  // Its own message is gRPC's, with addresses and times of the attempt.
  const why = reason === '' ? 'no answer' : reason
  return isToken
    ? { kind: 'transient', reason: 'TokenRefused', message: `The service does not take the token: ${why}` }
    : { kind: 'transient', reason: 'ServiceUnavailable', message: `The service cannot be asked: ${why}` }
}

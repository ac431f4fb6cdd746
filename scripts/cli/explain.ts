import { Code, codeName, RemoteError } from '@boxoffice/common/status/errors.ts'
import { logsDir, stateDir } from '../platform/paths.ts'
import { UnreadableError } from '../verify/sources.ts'
import { Failure } from './failure.ts'
import { OutcomeUnknown } from './repeatable.ts'

/** Turns any error of a command into a Failure: what happened, why, and what to do next. */
export function explain(error: unknown): Failure {
  if (error instanceof Failure) return error
  if (error instanceof OutcomeUnknown) return explainUnknownOutcome(error)
  if (error instanceof RemoteError) return explainRefusal(error)
  if (error instanceof UnreadableError) {
    const next = [
      'is it running? `npm start` brings everything up',
      'other servers: see `npx boxoffice verify --help`',
    ]
    return new Failure('UNREADABLE', sentence(error.message), { next, cause: error })
  }
  const message = error instanceof Error ? error.message : String(error)
  return new Failure('UNEXPECTED', `This was not expected: ${message}`, {
    next: ['run it again with --debug to see where it comes from'],
    cause: error,
  })
}

function explainRefusal(error: RemoteError): Failure {
  const { code, reason, fieldViolations, metadata } = error
  if (reason === '') return explainSilence(error)
  const fields = fieldViolations.map(({ field, description }) => `\n  ${field}: ${description}`).join('')
  const seats = metadata.seats === undefined ? '' : `: ${metadata.seats}`
  return new Failure(reason, `${sentence(error.message)}${seats}${fields}`, {
    next: nextSteps[reason] ?? [`the service answered ${codeName(code)}; --debug shows more`],
    cause: error,
  })
}

/** Explains that the outcome is unknown, and how to repeat the call without a second effect. */
function explainUnknownOutcome(error: OutcomeUnknown): Failure {
  const { reason, message, next } = explainRefusal(error.cause)
  const repeat = `run the same command again with --request-id ${error.requestId}: it has its effect once`
  return new Failure(
    reason,
    wasNeverSent(error.cause) ? message : `${message}. The call may have had its effect nevertheless`,
    { next: [...next.filter((step) => step !== tryAgain), repeat], cause: error },
  )
}

/** Explains a call that did not reach a service, or that got no answer. */
function explainSilence(error: RemoteError): Failure {
  const isRunning = 'is it running? `npm start` brings everything up'
  switch (error.code) {
    case Code.UNAVAILABLE:
      return wasNeverSent(error)
        ? new Failure('UNREACHABLE', `The service cannot be reached: ${lastError(error.message)}`, {
            next: [isRunning, 'is the address right? see --payment-address and the other address options'],
            cause: error,
          })
        : new Failure('UNREACHABLE', `The service went away before it answered: ${error.message}`, {
            next: [isRunning],
            cause: error,
          })
    case Code.DEADLINE_EXCEEDED:
      return new Failure('NO_ANSWER', 'No answer came in time', { next: [tryAgain], cause: error })
    case Code.CANCELLED:
      return new Failure('CANCELLED', 'The call was cut short', { next: [tryAgain], cause: error })
    default:
      return new Failure(codeName(error.code), sentence(error.message), {
        next: ['--debug shows more'],
        cause: error,
      })
  }
}

/** Whether grpc-js had no connection on which to send the call. */
function wasNeverSent({ code, message }: RemoteError): boolean {
  return (
    code === Code.UNAVAILABLE && /^(\w+: )?(No connection established|Name resolution failed)/.test(message)
  )
}

/** grpc-js wraps the reason: `No connection established. Last error: connect ECONNREFUSED 127.0.0.1:7001 (…). …`. */
function lastError(message: string): string {
  return /Last error: (?:Error: )?(.*?)(?: \(\d{4}-|\. Resolution note|$)/.exec(message)?.[1] ?? message
}

function sentence(text: string): string {
  return `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`
}

const signIn = ['leave out --token to be signed in by this machine, or make one: npx boxoffice token']
const tryAgain = 'try again in a moment'

/** By ErrorInfo reason (proto/boxoffice/type/v1/error_reason.proto). */
const nextSteps: Readonly<Record<string, readonly string[]>> = {
  TOKEN_MISSING: signIn,
  TOKEN_INVALID: signIn,
  ROLE_MISSING: [
    'make a token with the role: npx boxoffice token --role cashier (charges points), admin (creates concerts) or operator',
  ],
  FIELD_VIOLATION: ['correct the value; --help shows what the command takes'],
  REQUEST_ID_REUSED: [
    'leave out --request-id for a new change, or repeat exactly the same values for the old one',
  ],
  PAGE_TOKEN_INVALID: ['begin again with the first page'],
  PAYMENT_NOT_FOUND: ['npx boxoffice payments list shows your payments; --user sets who you are'],
  RESERVATION_IN_PAYMENT: ['npx boxoffice payments list shows that payment'],
  PAYMENT_NOT_PENDING: ['npx boxoffice payments get <PAYMENT> shows its state'],
  WALLET_NOT_FOUND: ['the first charge creates a wallet: npx boxoffice charge 20000'],
  BALANCE_LIMIT_EXCEEDED: ['charge less; npx boxoffice balance shows your points'],
  CONCERT_NOT_FOUND: ['npx boxoffice concerts shows them all'],
  SEAT_NOT_FOUND: ['npx boxoffice seats shows the map'],
  SEAT_UNAVAILABLE: ['choose another seat: npx boxoffice seats shows what is free'],
  SEAT_LIMIT_REACHED: [
    'you have as many seats as one user may have; npx boxoffice concerts -o json shows each limit',
  ],
  HOLD_LIMIT_REACHED: ['npx boxoffice buy --reservation <RESERVATION> pays for one, release gives one back'],
  HOLD_PAUSED: ['wait for the given time, or choose other seats: npx boxoffice seats shows what is free'],
  HOLD_EXPIRED: ['hold seats again: npx boxoffice seats shows what is free'],
  AMOUNT_MISMATCH: ['npx boxoffice buy --reservation <RESERVATION> pays the right amount'],
  RESERVATION_NOT_FOUND: ['only its holder sees a reservation; --user sets who you are'],
  RESERVATION_SOLD: ['sold seats stay sold'],
  CONSUMER_NOT_FOUND: ['npx boxoffice consumers shows the topics of each consumer'],
  TOPIC_NOT_RECREATED: ['npx boxoffice consumers shows which topics were created again'],
  REPLAY_NOT_FOUND: ['npx boxoffice consumers shows the replays that are running'],
  REPLAY_RUNNING: ['wait for it, or end it: npx boxoffice replay watch|cancel <REPLAY>'],
  REPLAY_FROM_FUTURE: ['npx boxoffice consumers shows how far each partition has been read'],
  RESTORE_NOT_FOUND: ['npx boxoffice restore --service <service> --from <time> starts one'],
  RESTORE_RUNNING: ['finish it first: run restore again with the time from which it began'],
  RESTORE_FROM_FUTURE: ['give a time that is a minute before the backup was taken, or earlier'],
  RECORDS_GONE: ['use a newer backup, or restore what is left, with a gap: --accept-gone'],
  DEAD_LETTER_NOT_FOUND: ['npx boxoffice dead-letters list --state all shows them'],
  DEAD_LETTER_SETTLED: ['npx boxoffice dead-letters show <DEAD LETTER> shows by whom and when'],
  OUTCOME_REQUIRED: ['add --outcome refused or --outcome done; dead-letters show has the message'],
  OUTCOME_CONTRADICTED: [
    'give the other outcome, or have the message handled: npx boxoffice dead-letters redrive',
  ],
  TOO_MUCH_AT_ONCE: ['send fewer at once, or wait as long as the service says'],
  REQUEST_TOO_LARGE: ['send less at once; --help shows what the command takes'],
  RESPONSE_TOO_LARGE: ['ask for smaller pages'],
  NOT_READY: [tryAgain],
  INTERNAL: [`the service's log in ${logsDir(stateDir)} has the cause`],
}

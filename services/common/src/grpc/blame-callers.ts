import { type ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js'

/** What grpc-js answers with INTERNAL, by itself and before any code of ours, though it is what the caller has sent. */
const callersFaults = /^(Invalid grpc-timeout value|Failed to decompress message)/

/** Lets INTERNAL say "a defect of ours" in every answer: to what a caller got wrong the answer is INVALID_ARGUMENT. */
export const blameCallers: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call)
  call.sendStatus = (answer) => {
    const { code, details = '' } = answer
    const isCallersFault = code === status.INTERNAL && callersFaults.test(details ?? '')
    send(isCallersFault ? { ...answer, code: status.INVALID_ARGUMENT } : answer)
  }
  // Nothing else of it changes, and a wrapper around each call would cost something.
  return call as ServerInterceptingCall
}

import { type ServerInterceptingCall, type ServerInterceptor, status } from '@grpc/grpc-js'

/** Faults of the caller that grpc-js itself answers with INTERNAL, before any code of ours runs. */
const callersFaults = /^(Invalid grpc-timeout value|Failed to decompress message)/

/** Changes INTERNAL to INVALID_ARGUMENT for these faults, so that INTERNAL always means a defect of ours. */
export const blameCallers: ServerInterceptor = (_method, call) => {
  const send = call.sendStatus.bind(call)
  call.sendStatus = (answer) => {
    const { code, details = '' } = answer
    const isCallersFault = code === status.INTERNAL && callersFaults.test(details ?? '')
    send(isCallersFault ? { ...answer, code: status.INVALID_ARGUMENT } : answer)
  }
  // The rest of the call does not change, and a wrapper around each call would cost something.
  return call as ServerInterceptingCall
}

import type { handleUnaryCall } from '@grpc/grpc-js'
import { placeOf } from '../admission/admit-calls.ts'
import { toStatus } from '../status/errors.ts'
import { checkAccess } from './access.ts'
import type { MethodImplementation } from './implement.ts'
import {
  abortedError,
  createContext,
  deadlineError,
  deadlineOf,
  encode,
  identify,
  type Pipeline,
  traceparentOf,
} from './pipeline.ts'
import { decodeRequest } from './validate.ts'

/** Serves a unary method: authenticate, authorize, decode and validate, handle within the deadline, encode; log and count once. */
export function serveUnary(
  { method, access, handle }: MethodImplementation,
  { auth, observe, tracker, limits }: Pipeline,
): handleUnaryCall<Buffer, Buffer> {
  return async (call, callback) => {
    tracker.begin()
    const observed = observe(method, traceparentOf(call.metadata), call)
    const { traceparent } = observed
    const deadline = deadlineOf(call)
    const abort = new AbortController()
    const onCancelled = (): void => abort.abort(abortedError(deadline, tracker.draining))
    call.once('cancelled', onCancelled)
    // The timer itself means that the deadline has passed: the clock may lag behind it, or may have been set back.
    const onDeadline = (): void => abort.abort(deadlineError())
    const timer = deadline === undefined ? setTimeout(onDeadline, limits.deadlineDefaultMs) : undefined
    try {
      const identity = await identify(auth, call.metadata)
      observed.subject = identity.subject
      checkAccess(identity, access)
      const signal = abort.signal
      const place = placeOf(call.metadata)
      const context = createContext(
        identity,
        { traceparent, signal, deadline, draining: tracker.draining },
        place,
      )
      const work = async (): Promise<Buffer> => {
        observed.request = decodeRequest(method.input, call.request)
        const response = await handle(observed.request, context)
        return encode(method.output, response, limits.sendBytesMax)
      }
      const answer = await unlessAborted(signal, () => place?.run(signal, work) ?? work())
      place?.hold(answer.length)
      callback(null, answer)
      observed.end()
    } catch (error) {
      const status = toStatus(error)
      callback(status)
      observed.end(status.code, error)
    } finally {
      // grpc-js reports every end as a cancellation, and aborting a signal without listeners is the dearest part of a
      // call.
      call.off('cancelled', onCancelled)
      clearTimeout(timer)
      tracker.end()
    }
  }
}

/**
 * Returns the outcome of `work`, or throws the signal's reason once it is aborted. `work` does not begin after that.
 * If it has begun, the caller does not wait for the rest of it.
 */
async function unlessAborted<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  signal.throwIfAborted()
  let onAbort: (() => void) | undefined
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work(), aborted])
  } finally {
    if (onAbort) signal.removeEventListener('abort', onAbort)
  }
}

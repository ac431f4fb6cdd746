import type { handleServerStreamingCall, ServerWritableStream } from '@grpc/grpc-js'
import { placeOf } from '../admission/admit-calls.ts'
import { toStatus } from '../status/errors.ts'
import { checkAccess } from './access.ts'
import type { MethodImplementation } from './implement.ts'
import {
  abortedError,
  authorizationOf,
  createContext,
  deadlineOf,
  encode,
  identify,
  type Pipeline,
  traceparentOf,
} from './pipeline.ts'
import { watchToken } from './token-watch.ts'
import { decodeRequest } from './validate.ts'

/**
 * Serves a server-streaming method: authenticate, authorize, decode and validate, then pull responses, each only when
 * the one before has been taken; log and count once, at the end. The stream ends with the caller's token.
 */
export function serveStream(
  { method, access, handle }: MethodImplementation,
  { auth, observe, tracker, limits }: Pipeline,
): handleServerStreamingCall<Buffer, Buffer> {
  return async (call) => {
    tracker.begin()
    const observed = observe(method, traceparentOf(call.metadata), call)
    const { traceparent } = observed
    const deadline = deadlineOf(call)
    const cancelled = new AbortController()
    call.once('cancelled', () => cancelled.abort())
    call.once('close', () => cancelled.abort())
    const tokenEnded = new AbortController()
    const signal = AbortSignal.any([cancelled.signal, tracker.draining, tokenEnded.signal])
    const abortion = (): unknown =>
      tokenEnded.signal.aborted ? tokenEnded.signal.reason : abortedError(deadline, tracker.draining)
    let unwatch: (() => void) | undefined
    try {
      const identity = await identify(auth, call.metadata)
      observed.subject = identity.subject
      checkAccess(identity, access)
      unwatch = watchToken({ auth, authorization: authorizationOf(call.metadata) }, identity, (refusal) =>
        tokenEnded.abort(refusal),
      )
      const request = decodeRequest(method.input, call.request)
      observed.request = request
      const place = placeOf(call.metadata)
      const context = createContext(
        identity,
        { traceparent, signal, deadline, draining: tracker.draining },
        place,
      )
      const work = async (): Promise<void> => {
        const responses = handle(request, context) as AsyncIterable<unknown>
        for await (const response of untilAborted(responses, signal)) {
          // The first response had to be looked up; from now on the handler only waits.
          place?.yieldTurn()
          const bytes = encode(method.output, response, limits.sendBytesMax)
          if (call.write(bytes)) continue
          const release = place?.hold(bytes.length)
          await drained(call, signal)
          release?.()
        }
      }
      await (place?.run(signal, work) ?? work())
      if (signal.aborted) throw abortion()
      call.end()
      observed.end()
    } catch (error) {
      const reported = signal.aborted ? abortion() : error
      const status = toStatus(reported)
      call.emit('error', status)
      observed.end(status.code, reported)
    } finally {
      unwatch?.()
      tracker.end()
    }
  }
}

/** The items of `source` until `signal` is aborted, even while the next one is awaited. */
async function* untilAborted(source: AsyncIterable<unknown>, signal: AbortSignal): AsyncGenerator<unknown> {
  const iterator = source[Symbol.asyncIterator]()
  const aborted = new Promise<'aborted'>((resolve) => {
    if (signal.aborted) resolve('aborted')
    else signal.addEventListener('abort', () => resolve('aborted'), { once: true })
  })
  try {
    while (true) {
      const next = await Promise.race([iterator.next(), aborted])
      if (next === 'aborted' || next.done) return
      yield next.value
    }
  } finally {
    // Not awaited: it waits for an item that may never come. No one reads its failure.
    iterator.return?.().catch(() => undefined)
  }
}

async function drained(call: ServerWritableStream<Buffer, Buffer>, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return
  await new Promise<void>((resolve) => {
    const done = (): void => {
      call.off('drain', done)
      signal.removeEventListener('abort', done)
      resolve()
    }
    call.on('drain', done)
    signal.addEventListener('abort', done, { once: true })
  })
}

import type {
  Server,
  ServerDuplexStream,
  ServiceDefinition,
  UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { ApiError, apiError, Code, ErrorReason, toStatus } from '../status/errors.ts'
import { requestTooLarge } from './request-bounds.ts'

/** The largest request of a library's service: the name of a service or a symbol, and a host. */
export const foreignRequestBytesMax = 1_024

export interface ForeignBounds {
  /** Returns why a request must not reach the library; undefined if it may. */
  refuse?(request: object): ApiError | undefined
}

/**
 * Wraps a server for the service of a library, which does not pass our pipeline. Requests that are too large or
 * malformed are refused with the code and reason of any method of ours, and nothing is written to a reader that does
 * not read.
 */
export function guardForeign(server: Server, bounds: ForeignBounds = {}): Server {
  const guarded: Pick<Server, 'addService'> = {
    addService(definition, handlers) {
      const methods = Object.entries(definition as ServiceDefinition)
      server.addService(
        Object.fromEntries(
          methods.map(([name, method]) => [
            name,
            { ...method, requestDeserialize: readBounded(method, bounds) },
          ]),
        ),
        Object.fromEntries(
          methods.map(([name, method]) => [
            name,
            guardHandler(method, (handlers[name] ?? handlers[method.originalName ?? name]) as Handler),
          ]),
        ) as UntypedServiceImplementation,
      )
    },
  }
  return guarded as Server
}

/** Reads a request, or returns a refusal in its place: an error thrown here would be answered with INTERNAL. */
function readBounded(method: Method, { refuse }: ForeignBounds) {
  return (bytes: Buffer): object => {
    if (bytes.length > foreignRequestBytesMax) {
      return requestTooLarge('The request', bytes.length, foreignRequestBytesMax)
    }
    try {
      const request = method.requestDeserialize(bytes)
      return refuse?.(request) ?? request
    } catch {
      return apiError(Code.INVALID_ARGUMENT, ErrorReason.FIELD_VIOLATION, 'The request cannot be read')
    }
  }
}

type Method = ServiceDefinition[string]

// biome-ignore lint/suspicious/noExplicitAny: each kind of call has a handler of its own kind
type Handler = (call: any, callback?: any) => void

function guardHandler({ requestStream, responseStream }: Method, handle: Handler): Handler {
  if (requestStream) return (call) => handle(readInTurn(call))
  return (call, callback) => {
    if (!(call.request instanceof ApiError)) handle(call, callback)
    else if (responseStream) call.emit('error', toStatus(call.request))
    else callback(toStatus(call.request))
  }
}

/** A stream that reads a request after the previous answer was taken, and ends at the first refused request. */
function readInTurn(call: ServerDuplexStream<object, object>): ServerDuplexStream<object, object> {
  const on = call.on.bind(call) as (event: string, listener: (value: object) => void) => typeof call
  const write = call.write.bind(call) as (answer: object) => boolean
  let refused = false
  const bounded = {
    on(event: string, listener: (value: object) => void) {
      if (event !== 'data') return on(event, listener)
      return on(event, (request) => {
        if (refused) return
        refused = request instanceof ApiError
        if (refused) call.emit('error', toStatus(request))
        else listener(request)
      })
    },
    write(answer: object) {
      const isTaken = write(answer)
      if (!isTaken) {
        call.pause()
        call.once('drain', () => call.resume())
      }
      return isTaken
    },
  }
  return Object.assign(call, bounded)
}

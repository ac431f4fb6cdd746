import type { ServerHttp2Stream } from 'node:http2'
import {
  type Metadata,
  ServerInterceptingCall,
  type ServerInterceptingCallInterface,
  type ServerInterceptor,
} from '@grpc/grpc-js'
import { toStatus } from '../status/errors.ts'
import type { Admission, Place } from './admission.ts'
import { AdmissionError } from './refusal.ts'

const places = new WeakMap<Metadata, Place>()

/** The place of a gRPC call, by its metadata; undefined if the server has no admission. */
export function placeOf(metadata: Metadata): Place | undefined {
  return places.get(metadata)
}

/**
 * Asks admission when a call's headers have come, for every method, including health and reflection, whose handlers
 * are not ours. A refused call is answered at once, and nothing more of it is read. A call whose request does not
 * arrive whole in time loses its place.
 *
 * @param unitsOf - the cost of a method, by its path, `/package.Service/Method`
 * @param onRefused - called for each refused call, with its peer's address
 */
export function admitCalls(
  admission: Admission,
  unitsOf: (path: string) => number,
  onRefused: (path: string, peer: string, error: unknown) => void = () => undefined,
): ServerInterceptor {
  const { requestArrivalMaxMs } = admission.limits
  return (method, call) => {
    const isStream = method.requestStream || method.responseStream
    const units = unitsOf(method.path)
    let place: Place | undefined
    let arrival: NodeJS.Timeout | undefined
    let over = false
    let hasToken = false
    const { remoteAddress, remotePort } = call.getConnectionInfo()
    let endCall: (() => void) | undefined

    const refuse = (error: unknown): void => {
      onRefused(method.path, call.getPeer(), error)
      admission.connections.refuseCall(remoteAddress, remotePort, hasToken)
      call.sendStatus(toStatus(error))
      // The caller may never end its side, which would keep the stream open.
      setImmediate(() => streamOf(call)?.close())
    }
    const refuseSlow = ({ callClass }: Place): void => {
      admission.refused('request_arrival', callClass)
      refuse(new AdmissionError('request_arrival', slowRetryMs))
    }
    return new ServerInterceptingCall(call, {
      start(next) {
        next({
          onReceiveMetadata(metadata, goOn) {
            const letIn = (admitted: Place): void => {
              place = admitted
              places.set(metadata, admitted)
              if (over) {
                admitted.close()
                return
              }
              // A caller that sends many requests in one stream may take longer.
              if (!method.requestStream) arrival = setTimeout(refuseSlow, requestArrivalMaxMs, admitted)
              goOn(metadata)
            }
            if (admission.connections.isCut(remoteAddress, remotePort)) return
            endCall = admission.connections.beginCall(remoteAddress, remotePort)
            const authorization = authorizationIn(metadata)
            hasToken = authorization !== undefined
            const arriving = {
              authorization,
              address: remoteAddress,
              isStream,
              units,
            }
            try {
              const answer = admission.enter(arriving, () => streamOf(call)?.close(enhanceYourCalm))
              if (answer instanceof Promise) answer.then(letIn).catch(refuse)
              else letIn(answer)
            } catch (error) {
              refuse(error)
            }
          },
          onReceiveHalfClose(goOn) {
            clearTimeout(arrival)
            goOn()
          },
          onCancel() {
            // grpc-js calls this at every end, also when the last byte of an answer has been taken.
            over = true
            clearTimeout(arrival)
            endCall?.()
            place?.close()
          },
        })
      },
    })
  }
}

const slowRetryMs = 1_000

function authorizationIn(metadata: Metadata): string | undefined {
  const [authorization] = metadata.get('authorization')
  return typeof authorization === 'string' ? authorization : undefined
}

/** NGHTTP2_ENHANCE_YOUR_CALM, which gRPC clients read as RESOURCE_EXHAUSTED. */
const enhanceYourCalm = 0xb

/** The HTTP/2 stream. grpc-js cannot cut off a call whose reader takes nothing: its status waits behind the answer. */
function streamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream | undefined {
  return (call as { readonly stream?: ServerHttp2Stream }).stream
}

import type { Admission, Place } from '@boxoffice/common/admission/admission.ts'
import { callUnits } from '@boxoffice/common/admission/limits.ts'
import type { FastifyInstance, FastifyRequest } from 'fastify'

declare module 'fastify' {
  interface FastifyContextConfig {
    /** True for a route that streams: its answer lasts until the reader leaves. */
    stream?: boolean
    /** What a call costs, in units of admission; as much as a read unless given. */
    units?: number
  }
  interface FastifyRequest {
    /** The request's place, once admission has let it in. */
    place: Place | null
  }
}

/** The longest time for which the work of a caller who has left counts: fastify does not always report its end. */
const abandonedMsMax = 30_000

/**
 * Asks admission as soon as a request's headers have arrived, as the gRPC server does: for every path, including the
 * page's files. The turn lasts from before the handler until the answer is ready. The place lasts until the answer has
 * been sent.
 */
export function admitRequests(app: FastifyInstance, admission: Admission): void {
  const workOf = new WeakMap<FastifyRequest, () => void>()
  app.server.on('connection', (socket) => admission.connections.admit(socket))
  app.decorateRequest('place', null)
  app.addHook('onRequest', async (request, reply) => {
    const { remoteAddress, remotePort } = request.raw.socket
    const endCall = admission.connections.beginCall(remoteAddress, remotePort)
    const { stream: isStream = false, units = callUnits.read } = request.routeOptions.config
    let closed = false
    reply.raw.once('close', () => {
      closed = true
      endCall()
      request.place?.close()
      setTimeout(() => workOf.get(request)?.(), abandonedMsMax).unref()
    })
    const arriving = { authorization: request.headers.authorization, address: remoteAddress, isStream, units }
    request.place = await admission.enter(arriving, () => reply.raw.destroy())
    if (closed) request.place.close()
  })
  app.addHook('preHandler', (request, reply, done) => {
    const { place } = request
    if (place === null || request.routeOptions.config.stream === true) return done()
    const leaving = new AbortController()
    reply.raw.once('close', () => leaving.abort(new Error('the caller has left')))
    const worked = new Promise<void>((resolve) => workOf.set(request, resolve))
    place
      .run(leaving.signal, () => {
        done()
        return worked
      })
      .catch(done)
  })
  app.addHook('onSend', async (request, _reply, payload) => {
    workOf.get(request)?.()
    if (typeof payload === 'string' || Buffer.isBuffer(payload))
      request.place?.hold(Buffer.byteLength(payload))
  })
}

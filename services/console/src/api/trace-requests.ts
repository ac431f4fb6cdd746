import type { Span, Tracer } from '@boxoffice/messaging/telemetry'
import { parseTraceparent } from '@boxoffice/messaging/telemetry'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The W3C trace context for the calls of this request; undefined if the caller sent none and nothing is traced.
     */
    traceparent: string | undefined
  }
}

/**
 * Continues the caller's trace, so that a call of the page and the checkout that it starts are in one trace. Without a
 * tracer the context is passed on unchanged.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer | undefined): void {
  const spans = new WeakMap<object, Span>()
  app.decorateRequest('traceparent', undefined)
  app.addHook('onRequest', async (request) => {
    const { traceparent } = request.headers
    const received =
      typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : undefined
    request.traceparent = received
    const route = request.routeOptions.url
    // The page repeats reads all the time; their spans would bury the others.
    if (tracer === undefined || route === undefined || request.method !== 'POST') return
    const span = tracer.begin({
      name: `${request.method} ${route}`,
      kind: 'SERVER',
      parent: received,
      attributes: { 'http.request.method': request.method, 'http.route': route },
    })
    spans.set(request, span)
    request.traceparent = span.traceparent
  })
  app.addHook('onResponse', async (request, { statusCode }) => {
    spans.get(request)?.end({
      attributes: { 'http.response.status_code': statusCode },
      ...(statusCode >= 500 ? { error: String(statusCode) } : {}),
    })
  })
}

import type { Span, Tracer } from '@boxoffice/messaging/telemetry'
import { parseTraceparent } from '@boxoffice/messaging/telemetry'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** W3C trace context for what the request leads to; undefined if it came with none and nothing is traced. */
    traceparent: string | undefined
  }
}

/**
 * Goes on with the trace of who asks: a call of the page and the checkout that it leads to are one. Without a tracer the
 * context is passed on as it came.
 */
export function traceRequests(app: FastifyInstance, tracer: Tracer | undefined): void {
  const spans = new WeakMap<object, Span>()
  app.decorateRequest('traceparent', undefined)
  app.addHook('onRequest', async (request) => {
    const { traceparent } = request.headers
    const came = typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : undefined
    request.traceparent = came
    const route = request.routeOptions.url
    // What only reads is asked again and again; it would bury the rest.
    if (tracer === undefined || route === undefined || request.method !== 'POST') return
    const span = tracer.begin({
      name: `${request.method} ${route}`,
      kind: 'SERVER',
      parent: came,
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

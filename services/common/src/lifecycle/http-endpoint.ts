import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Metrics } from '../telemetry/metrics.ts'
import type { Liveness } from './liveness.ts'
import type { Readiness } from './readiness.ts'

export interface HttpEndpoint {
  /** The bound address, `host:port`. */
  readonly address: string
  stop(): Promise<void>
}

/**
 * Serves /metrics (Prometheus text), /livez (200 while the event loop runs and no fault is known that only a restart
 * helps against, else 503) and /readyz (200 while ready, else 503).
 */
export async function startHttpEndpoint(options: {
  /** `host:port`; port 0 means any free port. */
  readonly address: string
  readonly metrics: Metrics
  readonly readiness: Pick<Readiness, 'ready'>
  readonly liveness?: Pick<Liveness, 'fault'>
}): Promise<HttpEndpoint> {
  const { registry } = options.metrics
  // Collecting queries the database, so scrapers that come at the same time share one collection.
  let collecting: Promise<string> | undefined
  const collect = (): Promise<string> => {
    collecting ??= registry.metrics().finally(() => {
      collecting = undefined
    })
    return collecting
  }
  const server = createServer({ connectionsCheckingInterval: 1_000 }, (request, response) => {
    if (request.method !== 'GET' && request.method !== 'HEAD') return answer(response, 405, 'GET only\n')
    switch (request.url?.split('?')[0]) {
      case '/livez': {
        const fault = options.liveness?.fault
        return fault === undefined ? answer(response, 200, 'ok\n') : answer(response, 503, `${fault}\n`)
      }
      case '/readyz':
        return options.readiness.ready ? answer(response, 200, 'ok\n') : answer(response, 503, 'not ready\n')
      case '/metrics':
        collect().then(
          (text) => answer(response, 200, text, registry.contentType),
          () => answer(response, 500, 'a metric could not be collected\n'),
        )
        return
      default:
        return answer(response, 404, 'not found\n')
    }
  })
  server.headersTimeout = 5_000
  server.requestTimeout = 10_000
  server.maxConnections = connectionsMax

  const separator = options.address.lastIndexOf(':')
  const host = options.address.slice(0, separator).replace(/^\[|\]$/g, '')
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port: Number(options.address.slice(separator + 1)) }, resolve)
  })
  const bound = server.address() as AddressInfo
  return {
    address: `${options.address.slice(0, separator)}:${bound.port}`,
    stop: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()))
        server.closeAllConnections()
      }),
  }
}

/** Probes and scrapers need a few; a silent connection ends after `headersTimeout`. */
const connectionsMax = 256

function answer(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
}

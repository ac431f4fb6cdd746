import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Receives what a collector and Prometheus would, and discards it. */
export interface TelemetrySink {
  /** The value for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  /** The bytes of all received spans. */
  readonly bytes: number
  /** The number of answers of /metrics. */
  readonly scrapes: number
  /** Reads the metrics of processes, `host:port`, again and again, until the returned function is called. */
  scrape(targets: readonly string[]): () => void
  stop(): Promise<void>
}

/** More often than Prometheus, which asks every 15 to 60 seconds. */
const scrapeMs = 5_000

export async function startTelemetrySink(): Promise<TelemetrySink> {
  let bytes = 0
  let scrapes = 0
  const server = createServer((request, response) => {
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length
    })
    request.on('end', () => response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  async function scrapeOne(target: string): Promise<void> {
    const response = await fetch(`http://${target}/metrics`)
    await response.text()
    if (response.ok) scrapes += 1
  }

  return {
    endpoint: `http://127.0.0.1:${port}`,
    get bytes() {
      return bytes
    },
    get scrapes() {
      return scrapes
    },
    scrape(targets) {
      const timer = setInterval(() => {
        // A process that is stopping does not answer; the caller checks in the end that some answered.
        for (const target of targets) scrapeOne(target).catch(() => undefined)
      }, scrapeMs)
      return () => clearInterval(timer)
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

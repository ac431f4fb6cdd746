import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Takes what a collector and Prometheus would take, and throws it away. */
export interface TelemetrySink {
  /** What OTEL_EXPORTER_OTLP_ENDPOINT is to be. */
  readonly endpoint: string
  /** Of the spans that came. */
  readonly bytes: number
  /** Answers of /metrics. */
  readonly scrapes: number
  /** Reads the metrics of processes, `host:port`, again and again, until the function that it returns is called. */
  scrape(targets: readonly string[]): () => void
  stop(): Promise<void>
}

/** Prometheus asks every 15 to 60 seconds. */
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
        // One that stops meanwhile does not answer; that any answered is looked at in the end.
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

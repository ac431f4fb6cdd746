import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { BinaryReader, WireType } from '@bufbuild/protobuf/wire'

/** A span as it arrived over OTLP. */
export interface ReceivedSpan {
  /** `service.name` of its resource. */
  readonly service: string
  readonly name: string
  readonly kind: 'INTERNAL' | 'SERVER' | 'CLIENT' | 'PRODUCER' | 'CONSUMER'
  readonly traceId: string
  readonly spanId: string
  /** Empty for the first span of a trace. */
  readonly parentSpanId: string
  /** Milliseconds since 1970. */
  readonly startedAtMs: number
  readonly endedAtMs: number
  readonly attributes: Readonly<Record<string, unknown>>
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  /** The status message of a span that failed. */
  readonly error?: string
}

export interface OtlpReceiver {
  /** The value for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  stop(): Promise<void>
}

/** Receives traces as a collector does: OTLP as protobuf over HTTP (opentelemetry/proto/trace/v1/trace.proto). */
export async function startOtlpReceiver(): Promise<OtlpReceiver> {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    const { url, headers } = request
    if (url !== '/v1/traces' || headers['content-type'] !== 'application/x-protobuf') {
      response.writeHead(404).end()
      return
    }
    void bodyOf(request).then((body) => {
      spans.push(...readRequest(body))
      response.writeHead(200, { 'content-type': 'application/x-protobuf' }).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    endpoint: `http://127.0.0.1:${port}`,
    spans,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

const kinds = ['INTERNAL', 'INTERNAL', 'SERVER', 'CLIENT', 'PRODUCER', 'CONSUMER'] as const
const statusError = 2n

function readRequest(bytes: Uint8Array): ReceivedSpan[] {
  return messages(fieldsOf(bytes), 1).flatMap((resourceSpans) => {
    const [resource] = messages(resourceSpans, 1)
    const service = String(readAttributes(resource, 1)['service.name'])
    return messages(resourceSpans, 2).flatMap((scope) =>
      messages(scope, 2).map((span) => readSpan(span, service)),
    )
  })
}

function readSpan(span: Fields, service: string): ReceivedSpan {
  const [status] = messages(span, 15)
  return {
    service,
    traceId: hex(span, 1),
    spanId: hex(span, 2),
    parentSpanId: hex(span, 4),
    name: text(span, 5),
    kind: kinds[Number(span.get(6)?.[0] ?? 0)] ?? 'INTERNAL',
    startedAtMs: Number(span.get(7)?.[0]) / 1e6,
    endedAtMs: Number(span.get(8)?.[0]) / 1e6,
    attributes: readAttributes(span, 9),
    links: messages(span, 13).map((link) => ({ traceId: hex(link, 1), spanId: hex(link, 2) })),
    ...(status?.get(3)?.[0] === statusError ? { error: text(status, 2) } : {}),
  }
}

function readAttributes(message: Fields | undefined, field: number): Record<string, unknown> {
  return Object.fromEntries(
    messages(message, field).map((entry) => {
      const [value] = messages(entry, 2)
      return [text(entry, 1), value?.has(1) ? text(value, 1) : [...(value?.values() ?? [])][0]?.[0]]
    }),
  )
}

/** The fields of a message by number, in the order of their repetitions: lengths as bytes, others as bigint. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>

function fieldsOf(bytes: Uint8Array): Fields {
  const reader = new BinaryReader(bytes)
  const fields = new Map<number, (Uint8Array | bigint)[]>()
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag()
    const values = fields.get(field) ?? []
    fields.set(field, values)
    values.push(readValue(reader, wireType))
  }
  return fields
}

function readValue(reader: BinaryReader, wireType: WireType): Uint8Array | bigint {
  switch (wireType) {
    case WireType.Varint:
      return BigInt(reader.uint64())
    case WireType.Bit64:
      return BigInt(reader.fixed64())
    case WireType.Bit32:
      return BigInt(reader.fixed32())
    case WireType.LengthDelimited:
      return reader.bytes()
    default:
      throw new Error(`unexpected wire type ${wireType}`)
  }
}

function messages(fields: Fields | undefined, field: number): Fields[] {
  return (fields?.get(field) ?? []).map((value) => fieldsOf(value as Uint8Array))
}

function hex(fields: Fields, field: number): string {
  return Buffer.from((fields.get(field)?.[0] ?? new Uint8Array()) as Uint8Array).toString('hex')
}

function text(fields: Fields, field: number): string {
  return Buffer.from((fields.get(field)?.[0] ?? new Uint8Array()) as Uint8Array).toString()
}

import {
  create,
  type DescMethod,
  type DescService,
  fromBinary,
  type Message,
  type MessageInitShape,
  type MessageShape,
  toBinary,
} from '@bufbuild/protobuf'
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2'
import {
  type ChannelCredentials,
  type CallOptions as GrpcCallOptions,
  Client as GrpcClient,
  credentials as grpcCredentials,
  Metadata,
} from '@grpc/grpc-js'
import { fromServiceError } from '../status/errors.ts'
import { retryRefused } from './retry-refused.ts'

export interface ClientOptions {
  /** Returns the bearer token, called for every call. */
  readonly token?: () => string | Promise<string>
  /** The deadline of calls that set none. Unary calls have 10 s unless given; streams have none unless given. */
  readonly deadlineMs?: number
  /** Plain text unless given. */
  readonly credentials?: ChannelCredentials
}

export interface CallOptions {
  readonly deadlineMs?: number
  readonly signal?: AbortSignal
  readonly metadata?: Readonly<Record<string, string>>
  /**
   * How often a unary call is retried that was not admitted, after the pause that the answer asks for and within the
   * deadline; 4 times unless given. Nothing of such a call was done.
   */
  readonly retries?: number
}

/** One function for each method of the service. A refused call throws RemoteError. */
export type Client<Service> =
  Service extends GenService<infer Methods> ? ClientMethods<Methods> & { close(): void } : never

type ClientMethods<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods]: Methods[Name]['methodKind'] extends 'server_streaming'
    ? (
        request: MessageInitShape<Methods[Name]['input']>,
        options?: CallOptions,
      ) => AsyncIterable<MessageShape<Methods[Name]['output']>>
    : (
        request: MessageInitShape<Methods[Name]['input']>,
        options?: CallOptions,
      ) => Promise<MessageShape<Methods[Name]['output']>>
}

const unaryDeadlineMs = 10_000

/**
 * Creates a typed client of a service.
 *
 * @param address - `host:port`, or `dns:///host:port` to spread calls over all addresses of the name in turn
 */
export function createClient<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
  address: string,
  options: ClientOptions = {},
): Client<GenService<Methods>> {
  const client = new GrpcClient(address, options.credentials ?? grpcCredentials.createInsecure(), {
    ...(address.startsWith('dns:///') ? replicas : {}),
    'grpc.max_receive_message_length': 4 * 1024 * 1024,
    'grpc.keepalive_time_ms': 30_000,
    'grpc.keepalive_timeout_ms': 10_000,
  })
  const methods = (service as unknown as DescService).methods.map((method) => [
    method.localName,
    method.methodKind === 'server_streaming'
      ? streamCall(client, method, options)
      : unaryCall(client, method, options),
  ])
  return { ...Object.fromEntries(methods), close: () => client.close() } as Client<GenService<Methods>>
}

const replicas = {
  'grpc.service_config': JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  // When a replica goes, the name is resolved again, but not more often than this. With grpc-js's default of half a
  // minute, a client would know no replica if all were replaced in that time. This is shorter than a stopping replica
  // serves on.
  'grpc.dns_min_time_between_resolutions_ms': 2_000,
}

function unaryCall(client: GrpcClient, method: DescMethod, options: ClientOptions) {
  const { path, encode, decode } = wireOf(method)
  return async (
    request: MessageInitShape<typeof method.input>,
    callOptions: CallOptions = {},
  ): Promise<Message> => {
    const message = create(method.input, request)
    const metadata = await metadataOf(options, callOptions)
    const deadlineMs = callOptions.deadlineMs ?? options.deadlineMs ?? unaryDeadlineMs
    const attempt = (leftMs: number): Promise<Message> =>
      new Promise<Message>((resolve, reject) => {
        callOptions.signal?.throwIfAborted()
        const call = client.makeUnaryRequest(
          path,
          encode,
          decode,
          message,
          metadata,
          deadlineIn(leftMs),
          (error, response) => {
            leave()
            if (error) reject(fromServiceError(error))
            else if (response === undefined) reject(new Error(`${path} answered nothing`))
            else resolve(response)
          },
        )
        const leave = cancelOnAbort(call, callOptions.signal)
      })
    return await retryRefused(attempt, { deadlineMs, ...callOptions })
  }
}

function streamCall(client: GrpcClient, method: DescMethod, options: ClientOptions) {
  const { path, encode, decode } = wireOf(method)
  return async function* (
    request: MessageInitShape<typeof method.input>,
    callOptions: CallOptions = {},
  ): AsyncGenerator<Message> {
    const message = create(method.input, request)
    const metadata = await metadataOf(options, callOptions)
    const deadlineMs = callOptions.deadlineMs ?? options.deadlineMs
    callOptions.signal?.throwIfAborted()
    const call = client.makeServerStreamRequest(
      path,
      encode,
      decode,
      message,
      metadata,
      deadlineMs === undefined ? {} : deadlineIn(deadlineMs),
    )
    const leave = cancelOnAbort(call, callOptions.signal)
    try {
      for await (const response of call) yield response as Message
    } catch (error) {
      throw fromServiceError(error)
    } finally {
      leave()
      // A caller who stops reading early ends the call.
      call.on('error', () => undefined)
      call.cancel()
    }
  }
}

/** The path and the encoding of a method. */
function wireOf(method: DescMethod) {
  return {
    path: `/${method.parent.typeName}/${method.name}`,
    encode(message: Message): Buffer {
      const bytes = toBinary(method.input, message)
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    },
    decode: (bytes: Buffer): Message => fromBinary(method.output, bytes),
  }
}

/** Cancels a call when its caller gives up. Returns the function that removes the listener. */
function cancelOnAbort(call: { cancel(): void }, signal: AbortSignal | undefined): () => void {
  const cancel = (): void => call.cancel()
  signal?.addEventListener('abort', cancel, { once: true })
  return () => signal?.removeEventListener('abort', cancel)
}

function deadlineIn(deadlineMs: number): GrpcCallOptions {
  return { deadline: Date.now() + deadlineMs }
}

async function metadataOf(options: ClientOptions, callOptions: CallOptions): Promise<Metadata> {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(callOptions.metadata ?? {})) metadata.set(name, value)
  if (options.token !== undefined) metadata.set('authorization', `Bearer ${await options.token()}`)
  return metadata
}

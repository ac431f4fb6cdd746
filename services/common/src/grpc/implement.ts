import type { Access } from '@boxoffice/proto/boxoffice/type/v1/access_pb.ts'
import type { DescMethod, DescService, Message, MessageInitShape, MessageShape } from '@bufbuild/protobuf'
import type { GenService, GenServiceMethods } from '@bufbuild/protobuf/codegenv2'
import { callUnits } from '../admission/limits.ts'
import { accessOf } from './access.ts'
import type { CallContext } from './call-context.ts'
import { requestBoundsOf } from './request-bounds.ts'

/** A handler for each method of a service: unary handlers answer once, server streams yield. */
export type Handlers<Methods extends GenServiceMethods> = {
  readonly [Name in keyof Methods]: Methods[Name]['methodKind'] extends 'server_streaming'
    ? (
        request: MessageShape<Methods[Name]['input']>,
        call: CallContext,
      ) => AsyncIterable<MessageInitShape<Methods[Name]['output']>>
    : (
        request: MessageShape<Methods[Name]['input']>,
        call: CallContext,
      ) => Promise<MessageInitShape<Methods[Name]['output']>>
}

/** A service with its handlers, ready to be served. */
export interface ServiceImplementation {
  readonly service: DescService
  readonly methods: readonly MethodImplementation[]
}

export interface MethodImplementation {
  readonly method: DescMethod
  /** Who may call the method. */
  readonly access: Access
  /** The units that a call costs while it works; see `callUnits`. */
  readonly units: number
  /** The size of the largest request that breaks no rule. */
  readonly requestBytesMax: number
  readonly handle: (request: Message, call: CallContext) => unknown
}

/**
 * Binds handlers to a service of the contract. The API has unary and server-streaming methods only.
 *
 * @param options.units - the cost of the methods that are not plain reads
 * @throws TypeError if a method has no handler, or its contract lacks its access or a bound of its request
 */
export function implement<Methods extends GenServiceMethods>(
  service: GenService<Methods>,
  handlers: Handlers<Methods>,
  { units = {} }: { readonly units?: { readonly [Name in keyof Methods]?: number } } = {},
): ServiceImplementation {
  const desc = service as unknown as DescService
  const methods = desc.methods.map((method): MethodImplementation => {
    if (method.methodKind !== 'unary' && method.methodKind !== 'server_streaming') {
      throw new TypeError(`${desc.typeName}.${method.name} is ${method.methodKind}, which is not served`)
    }
    const handle = handlers[method.localName] as MethodImplementation['handle'] | undefined
    if (handle === undefined) throw new TypeError(`${desc.typeName}.${method.name} has no handler`)
    return {
      method,
      access: accessOf(method),
      units: units[method.localName as keyof Methods] ?? callUnits.read,
      requestBytesMax: requestBoundsOf(method.input).bytesMax,
      handle: handle.bind(handlers),
    }
  })
  return { service: desc, methods }
}

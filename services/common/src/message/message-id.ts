import { v5 } from 'uuid'

/** The root of every id that Boxoffice derives. Changing it would make every repeat look new. */
const boxofficeNamespace = '5f0c3c4e-6c0b-5a49-8f52-1b3d6f3f8a10'

const namespaceOf = new Map<string, string>()

/**
 * The id of the one message of type `type` that `cause` leads to: UUIDv5(type, cause).
 *
 * @param type - the protobuf full name of the message
 * @param cause - the id of the consumed message; for what a user, a deadline or a repeated question starts, the payment
 * id and the attempt; for payment-events, the payment id and the sequence
 */
export function deriveMessageId(type: string, cause: string): string {
  return v5(cause, namespace(type))
}

/** The id of the resource that `subject` makes with `requestId`, the same for ever: UUIDv5(subject, request id). */
export function deriveResourceId(subject: string, requestId: string): string {
  return v5(requestId.toLowerCase(), v5(subject, boxofficeNamespace))
}

function namespace(type: string): string {
  let found = namespaceOf.get(type)
  if (found === undefined) {
    found = v5(type, boxofficeNamespace)
    namespaceOf.set(type, found)
  }
  return found
}

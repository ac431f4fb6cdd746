import { uuidV5 } from './uuid.ts'

/** The root namespace of all derived ids, also of those in existing databases: with another one repeats look new. */
const rootNamespace = '5f0c3c4e-6c0b-5a49-8f52-1b3d6f3f8a10'

const namespaceOf = new Map<string, string>()

/**
 * The id of the one message of type `type` that `cause` leads to: UUIDv5(type, cause).
 *
 * @param type - the name of the message's type, such as a protobuf full name
 * @param cause - the id of the consumed message; the payment id and the attempt, if a user, a deadline or a repeated
 *   question starts it; the payment id and the sequence for payment-events
 */
export function deriveMessageId(type: string, cause: string): string {
  return uuidV5(cause, namespace(type))
}

function namespace(type: string): string {
  let found = namespaceOf.get(type)
  if (found === undefined) {
    found = uuidV5(type, rootNamespace)
    namespaceOf.set(type, found)
  }
  return found
}

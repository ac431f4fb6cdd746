import type { PutAside } from '../../dead-letters/dead-letter-message.ts'
import { topicKeyName, topicKeyOf } from '../../dead-letters/parked-keys.ts'
import type { Decoded } from '../../message/decode.ts'
import { isOutOfLine, type Poison } from '../../message/poison.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'

/** A record and what its consumer knows it by. */
export type Identified = Decoded & { readonly id: string }

/** What is to be done with the records of one transaction, each list in their order. */
export interface SortedOut {
  readonly handle: readonly ReceivedMessage[]
  readonly aside: readonly PutAside[]
}

/**
 * Decides which records are handled and which put aside: poison, and what stands behind a dead letter of its key, of this
 * transaction or of one before. What breaks its contract holds nobody back.
 *
 * @param parked - the names of the keys that are parked already
 */
export function sortOut(decoded: readonly Identified[], parked: ReadonlySet<string>): SortedOut {
  const blocked = new Set(parked)
  const handle: ReceivedMessage[] = []
  const aside: PutAside[] = []
  for (const one of decoded) {
    const key = topicKeyOf(one.record)
    const name = key && topicKeyName(key)
    const isBlocked = name !== undefined && blocked.has(name)
    if ('message' in one && !isBlocked) {
      handle.push(one.message)
    } else {
      // Poison keeps its own reason, wherever it stands.
      aside.push({ record: one.record, poison: 'poison' in one ? one.poison : behind, messageId: one.id })
      if (name !== undefined && !('poison' in one && isOutOfLine(one.poison.reason))) blocked.add(name)
    }
  }
  return { handle, aside }
}

const behind: Poison = {
  reason: 'KEY_PARKED',
  error: 'an earlier message of its key is put aside',
  attempts: 0,
}

import type { PutAside } from '../../dead-letters/dead-letter-message.ts'
import { topicKeyName, topicKeyOf } from '../../dead-letters/parked-keys.ts'
import type { DecodedRecord } from '../../message/decode.ts'
import { isOutOfLine, type Poison } from '../../message/poison.ts'
import type { ReceivedMessage } from '../../message/received-message.ts'

/** A decoded record and the id by which its consumer knows it. */
export type IdentifiedRecord = DecodedRecord & { readonly id: string }

/** The records of one transaction by what is done with them, each list in order. */
export interface SortedRecords {
  readonly handle: readonly ReceivedMessage[]
  readonly aside: readonly PutAside[]
}

/**
 * Decides which records are handled and which are put aside: poison, and messages behind a dead letter of their key,
 * from this transaction or an earlier one. A record that breaks its contract blocks no other.
 *
 * @param parked - the names of the keys that are parked already
 */
export function sortOut(decoded: readonly IdentifiedRecord[], parked: ReadonlySet<string>): SortedRecords {
  const blocked = new Set(parked)
  const handle: ReceivedMessage[] = []
  const aside: PutAside[] = []
  for (const read of decoded) {
    const key = topicKeyOf(read.record)
    const name = key && topicKeyName(key)
    const isBlocked = name !== undefined && blocked.has(name)
    if ('message' in read && !isBlocked) {
      handle.push(read.message)
    } else {
      // Poison keeps its own reason, even behind a dead letter of its key.
      aside.push({ record: read.record, poison: 'poison' in read ? read.poison : behind, messageId: read.id })
      if (name !== undefined && !('poison' in read && isOutOfLine(read.poison.reason))) blocked.add(name)
    }
  }
  return { handle, aside }
}

const behind: Poison = {
  reason: 'KEY_PARKED',
  error: 'an earlier message of its key is put aside',
  attempts: 0,
}

import type { ConsumedRecord } from '@boxoffice/kafka'
import { errorLengthMax, storableText } from './clean-text.ts'
import type { Codec } from './codec.ts'
import { type Poison, PoisonError } from './poison.ts'
import type { ReceivedMessage } from './received-message.ts'
import { isUuid } from './uuid.ts'

/** A record that was decoded to a message, or turned out to be poison. */
export type DecodedRecord =
  | { readonly record: ConsumedRecord; readonly message: ReceivedMessage }
  | { readonly record: ConsumedRecord; readonly poison: Poison }

/** Reads a record; it never throws. */
export type Decode = (record: ConsumedRecord) => DecodedRecord

/** Reads records with a codec, whatever it throws or returns: it is not ours, and the partition must go on. */
export function createDecode(codec: Pick<Codec, 'decode'>): Decode {
  return (record) => {
    try {
      return { record, message: requireMessage(codec.decode(record), record) }
    } catch (error) {
      const reason = error instanceof PoisonError ? error.reason : 'UNDECODABLE'
      return { record, poison: { reason, error: errorOf(error), attempts: 1 } }
    }
  }
}

/** The text is bounded, because it may quote what is wrong. */
function errorOf(error: unknown): string {
  return storableText(String(error instanceof Error ? error.message : error), errorLengthMax)
}

/** Requires what the library itself reads of a message. */
function requireMessage(
  message: ReceivedMessage,
  { topic, partition, offset }: ConsumedRecord,
): ReceivedMessage {
  const { id, type, subject, time, traceparent } = message ?? {}
  const faults = [
    isUuid(id) ? '' : 'id is no UUID',
    typeof type === 'string' ? '' : 'type is no text',
    typeof subject === 'string' ? '' : 'subject is no text',
    time instanceof Date && !Number.isNaN(time.getTime()) ? '' : 'time is no valid Date',
    traceparent === undefined || typeof traceparent === 'string' ? '' : 'traceparent is no text',
    message?.topic === topic && message.partition === partition && message.offset === offset
      ? ''
      : 'topic, partition and offset are not those of the record',
  ].filter((fault) => fault !== '')
  // PostgreSQL writes ids in lower case.
  if (faults.length === 0) return id === id.toLowerCase() ? message : { ...message, id: id.toLowerCase() }
  throw new PoisonError('UNDECODABLE', `the codec returned no message: ${faults.join('; ')}`)
}

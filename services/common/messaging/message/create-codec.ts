import type { BodyCodec } from './codec.ts'
import type { MessageType } from './message-type.ts'
import { PoisonError } from './poison.ts'
import { readCloudEvent } from './read-cloud-event.ts'

/**
 * Makes a codec of CloudEvents in the Kafka binding's binary mode, for any encoding of bodies.
 *
 * @param contentType - the header `content-type` of each record, such as `application/avro`
 * @param types - by their names: `ce_type`
 *
 * @example
 * const codec = createCodec('application/avro', { 'shop.OrderPlaced': { topic: 'orders', source: 'shop', … } })
 */
export function createCodec(contentType: string, types: Readonly<Record<string, MessageType>>): BodyCodec {
  const known = new Map<string, MessageType>(Object.entries(types))
  return {
    types: [...known.keys()],
    decode: (record) => readCloudEvent(record, contentType, known),
    decodeBody(type, value) {
      const found = known.get(type)
      if (found === undefined) throw new PoisonError('UNKNOWN_TYPE', `no schema for ${type}`)
      return found.decode(Buffer.from(value))
    },
    toJson({ type, body }) {
      try {
        return known.get(type)?.toJson?.(body) ?? JSON.stringify(body) ?? ''
      } catch {
        // JSON cannot represent every body. The operator sees its bytes instead.
        return ''
      }
    },
  }
}

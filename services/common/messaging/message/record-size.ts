import type { ConsumedRecord } from '@boxoffice/kafka'

/** What the topics take of a service (`max.message.bytes`), compressed or not. */
export const recordBytesMax = 1_048_576
/** A longer key is none of a message, and nothing waits behind it. */
export const keyBytesMax = 65_536

/** What stands in a record, in bytes. */
export function recordBytes({ key, value, headers }: ConsumedRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, values] of Object.entries(headers)) {
    for (const header of [values].flat()) bytes += name.length + (header?.length ?? 0)
  }
  return bytes
}

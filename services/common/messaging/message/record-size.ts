import type { ConsumedRecord } from '@boxoffice/kafka'

/** The largest record that the topics accept from a service (`max.message.bytes`), compressed or not. */
export const recordBytesMax = 1_048_576
/** The longest key of a message: nothing waits behind a record with a longer one. */
export const keyBytesMax = 65_536

/** The size of a record's key, value and headers, in bytes. */
export function recordBytes({ key, value, headers }: ConsumedRecord): number {
  let bytes = (key?.length ?? 0) + (value?.length ?? 0)
  for (const [name, values] of Object.entries(headers)) {
    for (const header of [values].flat()) bytes += name.length + (header?.length ?? 0)
  }
  return bytes
}

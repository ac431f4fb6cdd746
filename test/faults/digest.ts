import { createHash } from 'node:crypto'

/** A digest that is equal only for messages with the same key and payload. */
export function digestOf(key: Buffer | null, payload: Buffer | null): string {
  const hash = createHash('sha1')
  for (const bytes of [key, payload])
    hash.update(bytes === null ? '-' : `${bytes.length}:`).update(bytes ?? '')
  return hash.digest('base64')
}

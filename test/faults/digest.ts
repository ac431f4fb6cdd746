import { createHash } from 'node:crypto'

/** Tells messages apart: the same for the same key and payload. */
export function digestOf(key: Buffer | null, payload: Buffer | null): string {
  const hash = createHash('sha1')
  for (const bytes of [key, payload])
    hash.update(bytes === null ? '-' : `${bytes.length}:`).update(bytes ?? '')
  return hash.digest('base64')
}

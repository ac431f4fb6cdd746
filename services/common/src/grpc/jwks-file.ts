import { readFile, stat } from 'node:fs/promises'
import type { JSONWebKeySet } from 'jose'

/** How often the file is looked at, at most. */
const lookAgainMs = 1_000

/** A JWKS in a file, which is read again when it has changed (a mounted secret is replaced while the process runs). */
export function createJwksFile(path: string): { read(): Promise<JSONWebKeySet> } {
  let keys: JSONWebKeySet | undefined
  let version = ''
  let lookedAtMs = 0
  return {
    async read() {
      const now = Date.now()
      if (keys !== undefined && now - lookedAtMs < lookAgainMs) return keys
      lookedAtMs = now
      const { mtimeMs, size, ino } = await stat(path)
      const found = `${mtimeMs} ${size} ${ino}`
      if (keys === undefined || found !== version) {
        keys = JSON.parse(await readFile(path, 'utf8')) as JSONWebKeySet
        version = found
      }
      return keys
    },
  }
}

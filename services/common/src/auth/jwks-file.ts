import { readFile, stat } from 'node:fs/promises'
import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose'

/**
 * The keys of a JWKS file. The file is read again when it has changed, because a mounted secret is replaced while the
 * process runs. While a changed file cannot be read, the previous keys stay in force.
 *
 * @param lookAgainMs - the file is checked again after this long, at the earliest
 */
export function createJwksFile(path: string, lookAgainMs = 1_000): { read(): Promise<JWTVerifyGetKey> } {
  let keys: JWTVerifyGetKey | undefined
  let version = ''
  let lookedAtMs = 0

  const readAgain = async (): Promise<JWTVerifyGetKey> => {
    const { mtimeMs, size, ino } = await stat(path)
    const found = `${mtimeMs} ${size} ${ino}`
    if (keys !== undefined && found === version) return keys
    const read = createLocalJWKSet(JSON.parse(await readFile(path, 'utf8')))
    version = found
    return read
  }

  return {
    async read() {
      const now = Date.now()
      if (keys !== undefined && now - lookedAtMs < lookAgainMs) return keys
      lookedAtMs = now
      try {
        keys = await readAgain()
      } catch (error) {
        if (keys === undefined) throw error
      }
      return keys
    },
  }
}

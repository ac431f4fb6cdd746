import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'

/**
 * Returns the differences between a folder and the list of its files, one sentence each; none if exactly the listed
 * files exist, with their hashes.
 *
 * @param list - the text of a list as `sha256sum` writes it: a hash and a name on each line
 */
export async function faultsOfFolder(dir: string, list: string): Promise<string[]> {
  const expected = parseHashes(list)
  const found = await readdir(dir)
  const unknown = found.filter((name) => !expected.has(name)).map((name) => `${name} is not in the list`)
  const faults = [...expected].map(async ([name, hash]) => {
    if (!found.includes(name)) return `${name} is missing`
    const actual = sha256Of(await readFile(path.join(dir, name)))
    return actual === hash ? undefined : `${name} has the hash ${actual}, not ${hash}`
  })
  return [...unknown, ...(await Promise.all(faults)).filter((fault) => fault !== undefined)]
}

export function sha256Of(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** @throws Error naming the line that is not a hash and the name of a file */
function parseHashes(list: string): Map<string, string> {
  const lines = list.split('\n').filter((line) => line !== '')
  return new Map(
    lines.map((line) => {
      const [, hash, name] = /^([0-9a-f]{64}) [ *]([^/\\]+)$/.exec(line) ?? []
      if (hash === undefined || name === undefined)
        throw new Error(`"${line}" is not a hash and a file's name`)
      return [name, hash]
    }),
  )
}

import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** A folder of mounted secrets. */
export interface SecretFolder {
  /** Writes a file, or replaces it as a whole like the kubelet; returns its path. */
  put(name: string, text: string): Promise<string>
  remove(): Promise<void>
}

export async function createSecretFolder(): Promise<SecretFolder> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-secrets-'))
  return {
    async put(name, text) {
      const file = path.join(dir, name)
      await writeFile(`${file}.new`, text)
      await rename(`${file}.new`, file)
      return file
    },
    remove: () => rm(dir, { recursive: true, force: true }),
  }
}

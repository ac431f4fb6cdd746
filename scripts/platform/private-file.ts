import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/**
 * Hands a command a secret in a file that only this user can read, and that is gone afterwards: what a process is started with,
 * every user of the machine can read.
 */
export async function withPrivateFile<T>(text: string, use: (file: string) => Promise<T>): Promise<T> {
  const dir = await mkdtemp(path.join(tmpdir(), 'boxoffice-secret-'))
  try {
    const file = path.join(dir, 'secret')
    await writeFile(file, text, { mode: 0o600 })
    return await use(file)
  } finally {
    await rm(dir, { recursive: true, force: true })
  }
}

/** Whether whoever is neither its owner nor of its group, as in a pod that is given it, may do anything with a file. */
export async function isOpenToOthers(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o007) !== 0
}

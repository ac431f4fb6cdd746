import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'

/**
 * Passes a secret to a command in a file that only this user can read, and that is removed afterwards. Every user of
 * the machine can read the arguments of a process.
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

/**
 * Whether users other than the owner and its group may access a file. The group may, because a pod gets its files that
 * way.
 */
export async function isOpenToOthers(file: string): Promise<boolean> {
  return ((await stat(file)).mode & 0o007) !== 0
}

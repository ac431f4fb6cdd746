import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Makes a folder and those above it, one after the other. Node's own recursive mkdir tries for ever, and cannot be interrupted, where
 * a file system answers ENOENT to what it does not want, as /proc does.
 *
 * @throws Error of the system, with the path that it is about
 */
export async function makeFolder(dir: string): Promise<void> {
  const missing: string[] = []
  for (let at = path.resolve(dir); !(await isFolder(at)); at = path.dirname(at)) missing.unshift(at)
  for (const at of missing) {
    try {
      await mkdir(at)
    } catch (error) {
      // Another process has made it meanwhile, or something else has its name.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(at))) throw error
    }
  }
}

/** The folder itself, or the nearest above it that is there. @throws Error of the system where one may not be looked at */
export async function nearestFolder(dir: string): Promise<string> {
  let at = path.resolve(dir)
  while (!(await isFolder(at))) at = path.dirname(at)
  return at
}

/** @throws Error of the system where it is something else, or may not be looked at */
async function isFolder(at: string): Promise<boolean> {
  try {
    const found = await stat(at)
    if (found.isDirectory()) return true
    throw Object.assign(new Error(`${at} is not a folder`), { code: 'ENOTDIR', path: at })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

import { mkdir, stat } from 'node:fs/promises'
import path from 'node:path'

/**
 * Creates a folder and its parents, one after the other. Node's own recursive mkdir loops for ever, and cannot be
 * interrupted, on a file system that answers ENOENT to a refused mkdir, as /proc does.
 *
 * @throws Error of the system, with the path
 */
export async function makeFolder(dir: string): Promise<void> {
  const missing: string[] = []
  for (let at = path.resolve(dir); !(await isFolder(at)); at = path.dirname(at)) missing.unshift(at)
  for (const at of missing) {
    try {
      await mkdir(at)
    } catch (error) {
      // Another process has created it in the meantime, or something else has its name.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(at))) throw error
    }
  }
}

/** The folder itself, or its nearest existing parent. @throws Error of the system if one may not be read */
export async function nearestFolder(dir: string): Promise<string> {
  let at = path.resolve(dir)
  while (!(await isFolder(at))) at = path.dirname(at)
  return at
}

/** @throws Error of the system if it is not a folder, or may not be read */
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

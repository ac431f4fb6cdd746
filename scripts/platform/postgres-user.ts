import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { StartError } from './process.ts'

export interface SystemUser {
  readonly uid?: number
  readonly gid?: number
}

/**
 * The user for PostgreSQL, which refuses to run as root: under root it is `postgres`, or `nobody` if that is missing.
 */
export async function postgresUser(): Promise<SystemUser> {
  if (process.getuid?.() !== 0) return {}
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await promisify(execFile)('id', [flag, name])).stdout)),
      )
      if (uid !== undefined && gid !== undefined) return { uid, gid }
    } catch {
      // This system has no such user: try the next one.
    }
  }
  throw new StartError(
    'PostgreSQL refuses to run as root, and this system has no user `postgres` or `nobody` to run it as',
  )
}

/**
 * Whether this user may enter a folder and its parents: a path that ends in a dot is looked up in the folder itself.
 */
export async function canEnter(dir: string, user: SystemUser): Promise<boolean> {
  const listing = promisify(execFile)('ls', ['-d', `${dir}/.`], { ...user, cwd: '/' })
  return await listing.then(
    () => true,
    () => false,
  )
}

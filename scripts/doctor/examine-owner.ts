import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Finding, problem, warning } from '@boxoffice/common/doctor/finding.ts'
import { nearestFolder } from '../platform/make-folder.ts'
import { canEnter, postgresUser, type SystemUser } from '../platform/postgres-user.ts'
import { dataDirOf } from '../platform/system.ts'

/**
 * The PostgreSQL that a start runs in the folder: of a plain or a secure start, or none if it uses the user's own
 * server.
 */
export type LocalPostgres = 'plain' | 'secure' | 'none'

/** This process's user, and what the system reports about users and files. */
export interface Users {
  /** Undefined if the system has no numeric user ids. */
  readonly uid: number | undefined
  ownerOf(at: string): Promise<number | undefined>
  postgresUser(): Promise<SystemUser>
  canEnter(dir: string, user: SystemUser): Promise<boolean>
}

/** Examines who owns the folder and PostgreSQL's data. The owner of a folder can replace the keys in it. */
export async function examineOwner(
  dir: string,
  postgres: LocalPostgres,
  users: Users = usersOfSystem,
): Promise<Finding[]> {
  const { uid } = users
  if (uid === undefined) return []
  const found = await judgeFolder(dir, uid, users)
  if (postgres === 'none') return found
  const server = uid === 0 ? await users.postgresUser() : { uid }
  const data = path.join(dataDirOf(dir, postgres === 'secure'), 'postgres')
  return [
    ...found,
    ...(uid === 0 ? await judgeWay(dir, server, users) : []),
    ...(await judgeData(data, server.uid ?? uid, users)),
  ]
}

const usersOfSystem: Users = { uid: process.getuid?.(), ownerOf, postgresUser, canEnter }

async function judgeFolder(dir: string, user: number, users: Users): Promise<Finding[]> {
  const owner = await users.ownerOf(dir)
  if (owner === undefined || owner === user) return []
  // Root often works in a folder of the host's user, whom it trusts.
  const make = user === 0 ? warning : problem
  return [
    make(
      `The folder ${dir} belongs to user ${owner}, and this is user ${user}.`,
      'Its owner can replace the keys that tokens are signed with.',
      `Run as its owner, give it away (sudo chown -R ${user} ${dir}), or set BOXOFFICE_DIR to a folder of your own.`,
    ),
  ]
}

/** Checks that PostgreSQL can enter the folder, because root's own folders are often closed to others. */
async function judgeWay(dir: string, server: SystemUser, users: Users): Promise<Finding[]> {
  const nearest = await nearestFolder(dir)
  if (await users.canEnter(nearest, server)) return []
  return [
    problem(
      `The folder ${nearest} is closed to user ${server.uid}.`,
      'PostgreSQL refuses to run as root, and runs as that user instead.',
      'Run as an ordinary user, or set BOXOFFICE_DIR to a folder that others may enter, such as /var/tmp/boxoffice.',
    ),
  ]
}

/** Checks the owner of PostgreSQL's data, because PostgreSQL refuses the data of another user. */
async function judgeData(data: string, server: number, users: Users): Promise<Finding[]> {
  const owner = await users.ownerOf(data)
  if (owner === undefined || owner === server) return []
  return [
    problem(
      `PostgreSQL's data in ${data} belongs to user ${owner}, and PostgreSQL runs as user ${server} here.`,
      'It reads only data that belongs to its own user.',
      'Start as the user who started before, or start without the old data: npm start -- --fresh.',
    ),
  ]
}

async function ownerOf(at: string): Promise<number | undefined> {
  return await stat(at).then(
    ({ uid }) => uid,
    () => undefined,
  )
}

import { stat } from 'node:fs/promises'
import path from 'node:path'
import { type Finding, problem, warning } from '@boxoffice/common/doctor/finding.ts'
import { nearestFolder } from '../platform/make-folder.ts'
import { canEnter, postgresUser } from '../platform/postgres-user.ts'

/** Whose the folder is, and whose PostgreSQL's data is: who owns a folder can replace the keys in it. */
export async function examineOwner(dir: string): Promise<Finding[]> {
  const user = process.getuid?.()
  if (user === undefined) return []
  return [...(await judgeFolder(dir, user)), ...(await judgeWay(dir, user)), ...(await judgeData(dir, user))]
}

async function judgeFolder(dir: string, user: number): Promise<Finding[]> {
  const owner = await ownerOf(dir)
  if (owner === undefined || owner === user) return []
  // Root is often led to a folder of the host's user, who is one of those that it trusts.
  const make = user === 0 ? warning : problem
  return [
    make(
      `The folder ${dir} belongs to user ${owner}, and this is user ${user}.`,
      'Its owner can replace the keys that tokens are signed with.',
      `Run as its owner, give it away (sudo chown -R ${user} ${dir}), or set BOXOFFICE_DIR to a folder of your own.`,
    ),
  ]
}

/** Root's own folders are often closed to others, and PostgreSQL has to pass through them. */
async function judgeWay(dir: string, user: number): Promise<Finding[]> {
  if (user !== 0) return []
  const server = await postgresUser()
  const nearest = await nearestFolder(dir)
  if (await canEnter(nearest, server)) return []
  return [
    problem(
      `The folder ${nearest} is closed to user ${server.uid}.`,
      'PostgreSQL refuses to run as root, and runs as that user instead.',
      'Run as an ordinary user, or set BOXOFFICE_DIR to a folder that others may enter, such as /var/tmp/boxoffice.',
    ),
  ]
}

/** PostgreSQL refuses the data of another user. */
async function judgeData(dir: string, user: number): Promise<Finding[]> {
  const server = user === 0 ? ((await postgresUser()).uid ?? user) : user
  const findings: Finding[] = []
  for (const data of [path.join(dir, 'data', 'postgres'), path.join(dir, 'secure', 'data', 'postgres')]) {
    const owner = await ownerOf(data)
    if (owner === undefined || owner === server) continue
    findings.push(
      problem(
        `PostgreSQL's data in ${data} belongs to user ${owner}, and PostgreSQL runs as user ${server} here.`,
        "It reads no data but its own user's.",
        'Start as the user who started before, or begin anew as that user: npm start -- --fresh.',
      ),
    )
  }
  return findings
}

async function ownerOf(at: string): Promise<number | undefined> {
  return await stat(at).then(
    ({ uid }) => uid,
    () => undefined,
  )
}

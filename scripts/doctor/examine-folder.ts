import { existsSync } from 'node:fs'
import { lstat, mkdtemp, open, readlink, rm, rmdir, stat } from 'node:fs/promises'
import path from 'node:path'
import { type Finding, fine, problem } from '@boxoffice/common/doctor/finding.ts'
import { nearestFolder } from '../platform/make-folder.ts'
import { systemErrorText } from '../platform/system-error.ts'
import { examineOwner, type LocalPostgres } from './examine-owner.ts'

const needed =
  'Boxoffice keeps its data, logs and keys there, so it has to be a folder that this user can write to.'
const elsewhere = 'or set BOXOFFICE_DIR to another folder'
/** The folders that a start creates in it. */
const parts = ['data', 'logs', 'auth', 'secure'] as const
/** Large enough that the file system has to allocate space. */
const probeBytes = 1024 * 1024

/** Examines the folder of data, logs and keys, which need not exist yet. Leaves nothing behind. */
export async function examineFolder(dir: string, postgres: LocalPostgres): Promise<Finding[]> {
  if (/[,\n\r]/.test(dir)) {
    return [
      problem(
        `The path ${JSON.stringify(dir)} has a comma or the end of a line in it.`,
        'Kafka takes a comma for the end of a path.',
        'Set BOXOFFICE_DIR to a folder without them.',
      ),
    ]
  }
  const found = await examineWhere(dir, dir)
  if (found.length > 0) return found
  for (const part of parts) found.push(...(await examineWhere(path.join(dir, part), dir)))
  if (found.length > 0) return found
  return [...(await examineOwner(dir, postgres)), fine(`The folder ${dir} can be written to.`)]
}

/** @param dir the folder that BOXOFFICE_DIR names */
async function examineWhere(at: string, dir: string): Promise<Finding[]> {
  const target = await danglingTarget(at)
  if (target !== undefined) {
    const advice = `Make ${target}, remove the link, ${elsewhere}.`
    return [problem(`${at} is a symbolic link to ${target}, which is not there.`, needed, advice)]
  }
  try {
    const nearest = await nearestFolder(at)
    // Creating a missing part in an existing folder was tested with the folder.
    if (nearest === at) await writeInto(at)
    else if (at === dir) await makeIn(nearest)
    return []
  } catch (error) {
    const why = systemErrorText(error)
    if (why === undefined) throw error
    return [problem(`${at} cannot be used: ${why}.`, needed, adviceOf(error, at))]
  }
}

function adviceOf(error: unknown, at: string): string {
  const { code } = error as NodeJS.ErrnoException
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return `Make room on the disk of ${at}, ${elsewhere}.`
    case 'EACCES':
    case 'EPERM':
      return process.getuid?.() === 0
        ? `Let root write there, ${elsewhere}.`
        : `Give it to this user (${giving(at)}), ${elsewhere}.`
    case 'ENOTDIR':
      return `Move the file away, ${elsewhere}.`
    default:
      return `Correct that, ${elsewhere}.`
  }
}

function giving(at: string): string {
  const user = process.getuid?.()
  return existsSync(at) ? `sudo chown -R ${user} ${quoted(at)}` : `sudo install -d -o ${user} ${quoted(at)}`
}

function quoted(text: string): string {
  return /^[\w./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

async function writeInto(dir: string): Promise<void> {
  const probe = await mkdtemp(path.join(dir, '.boxoffice-doctor-'))
  try {
    const file = await open(path.join(probe, 'probe'), 'w')
    try {
      await file.writeFile(Buffer.alloc(probeBytes, 1))
      await file.sync()
    } finally {
      await file.close()
    }
  } finally {
    await rm(probe, { recursive: true, force: true })
  }
}

async function makeIn(dir: string): Promise<void> {
  await rmdir(await mkdtemp(path.join(dir, '.boxoffice-doctor-')))
}

/** The target of a symbolic link, if it does not exist. */
async function danglingTarget(at: string): Promise<string | undefined> {
  const link = await lstat(at).catch(() => undefined)
  if (link?.isSymbolicLink() !== true) return undefined
  const isThere = await stat(at).then(
    () => true,
    (error: NodeJS.ErrnoException) => error.code !== 'ENOENT',
  )
  return isThere ? undefined : path.resolve(path.dirname(at), await readlink(at))
}

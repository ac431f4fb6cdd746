import { execFile } from 'node:child_process'
import { readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { guardPid } from '../platform/guard.ts'
import { makeFolder } from '../platform/make-folder.ts'
import { Refusal } from './refusal.ts'

interface Holder {
  readonly pid: number
  readonly guardPid: number | undefined
}

/**
 * Makes sure that only one system at a time runs in this folder. If the last one was killed, its guard may still be
 * stopping its processes: then this waits for the guard.
 *
 * @param onWait - called once if it has to wait
 * @returns a function that releases the lock
 * @throws Refusal if another system is running
 */
export async function lockFolder(dir: string, onWait: () => void): Promise<() => Promise<void>> {
  await makeFolder(dir)
  const file = path.join(dir, 'lock.json')
  const holder: Holder = { pid: process.pid, guardPid: guardPid() }
  for (let attempt = 0; attempt < 3; attempt++) {
    try {
      await writeFile(file, JSON.stringify(holder), { flag: 'wx' })
      return async () => await rm(file, { force: true })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      await waitForEnd(file, onWait)
      await rm(file, { force: true })
    }
  }
  throw new Refusal(`Another \`npm start\` is just starting in this checkout: let it run, or remove ${file}.`)
}

async function waitForEnd(file: string, onWait: () => void): Promise<void> {
  const holder = await readHolder(file)
  if (!holder) return
  if (await runs(holder.pid, 'start.ts')) {
    throw new Refusal(
      `Boxoffice is running in this checkout already (process ${holder.pid}): stop it with Ctrl-C there, or \`kill ${holder.pid}\`.`,
    )
  }
  const deadline = Date.now() + 60_000
  for (let first = true; holder.guardPid && (await runs(holder.guardPid, 'guard-main.ts')); first = false) {
    if (first) onWait()
    if (Date.now() > deadline) {
      throw new Refusal(
        `The processes of the last run are still being stopped (by process ${holder.guardPid}): try again later.`,
      )
    }
    await delay(200)
  }
}

async function readHolder(file: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Holder
  } catch {
    // Half written by a process that was killed: no process holds it.
    return undefined
  }
}

/** Whether this process lives and runs the script: process ids are reused. */
async function runs(pid: number, script: string): Promise<boolean> {
  return (await commandLine(pid)).includes(script)
}

async function commandLine(pid: number): Promise<string> {
  // Slim Linux images have no ps; other systems have no /proc.
  if (process.platform === 'linux') return await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  const ps = promisify(execFile)('ps', ['-o', 'command=', '-p', String(pid)])
  return await ps.then(
    ({ stdout }) => stdout,
    () => '',
  )
}

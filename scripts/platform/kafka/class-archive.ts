import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../ports.ts'
import type { Exit, ManagedProcess } from '../process.ts'
import { temporaryFolder } from '../temporary-folder.ts'
import { prepareBroker } from './broker.ts'

/**
 * Returns the flags with which a JVM loads a broker's classes from an archive, parsed and checked, instead of from the
 * jars. A start then costs a third less CPU. The first call creates the archive, once for these jars and this Java
 * (about 10 s and 50 MB). A JVM that cannot use the archive reads the jars.
 */
export async function classArchiveFlags(jarsDir: string): Promise<readonly string[]> {
  const archive = await archiveOf(jarsDir)
  if (!existsSync(archive)) await record(jarsDir, archive)
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}

/** The path of the archive. An archive is valid for one JVM, and for jars at the same path. */
async function archiveOf(jarsDir: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('java', ['-version'])
  const use = createHash('sha256').update(`${stdout}${stderr}${jarsDir}`).digest('hex')
  return `${jarsDir}-classes-${use.slice(0, 16)}.jsa`
}

/** Runs a single broker until it serves. Its JVM writes the classes that it has loaded to the archive when it ends. */
async function record(jarsDir: string, archive: string): Promise<void> {
  const { dir, remove } = await temporaryFolder()
  const unfinished = `${archive}.${process.pid}`
  try {
    const [port = 0, controllerPort = 0] = await freePorts(2)
    const broker = await prepareBroker({
      id: 1,
      port,
      controllerPort,
      controllerPorts: new Map([[1, controllerPort]]),
      jarsDir,
      dataDir: path.join(dir, 'data'),
      logFile: path.join(dir, 'kafka.log'),
      disposable: true,
      properties: { 'offsets.topic.replication.factor': '1' },
      jvmFlags: [`-XX:ArchiveClassesAtExit=${unfinished}`],
    })
    await broker.start()
    if ((await endOf(broker)).signal === null && existsSync(unfinished)) await rename(unfinished, archive)
  } finally {
    // Two processes that record at the same time write separate files; the later archive stays.
    await rm(unfinished, { force: true })
    await remove()
  }
}

async function endOf(broker: ManagedProcess): Promise<Exit> {
  const exited = once(broker, 'exit')
  await broker.stop()
  const [exit] = await exited
  return exit
}

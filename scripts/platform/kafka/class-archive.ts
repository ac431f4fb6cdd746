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
 * The flags by which a JVM takes a broker's classes from an archive, parsed and checked, instead of from the jars: a start costs a
 * third less CPU. The first call makes the archive, once for these jars and this Java (about 10 s and 50 MB). A JVM that finds an
 * archive of no use reads the jars.
 */
export async function classArchiveFlags(jarsDir: string): Promise<readonly string[]> {
  const archive = await archiveOf(jarsDir)
  if (!existsSync(archive)) await record(jarsDir, archive)
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : []
}

/** An archive is good for one JVM, and for jars that stand where they stood. */
async function archiveOf(jarsDir: string): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)('java', ['-version'])
  const use = createHash('sha256').update(`${stdout}${stderr}${jarsDir}`).digest('hex')
  return `${jarsDir}-classes-${use.slice(0, 16)}.jsa`
}

/** Runs a broker that is alone until it serves, and lets its JVM write down at its end what it has loaded. */
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
    // Two that record at the same time have a file each; the later archive stays.
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

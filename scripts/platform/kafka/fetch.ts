import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { faultsOfFolder } from '../file-hashes.ts'
import { mavenDependencyPlugin } from '../maven.ts'
import { cacheDir } from '../paths.ts'

export const kafkaVersion = '4.3.0'

/** The folder of the broker's jars, which may not exist yet. */
export const kafkaJarsDir = path.join(cacheDir, `kafka-${kafkaVersion}`)

/** After a change of pom.xml: run `sha256sum *.jar` in the new folder, once its content is verified. */
const hashesFile = path.join(import.meta.dirname, 'jars.sha256')

export function isKafkaFetched(): boolean {
  return existsSync(kafkaJarsDir)
}

/**
 * Fetches the broker's jars with Maven, once per checkout (about 10 s and 43 MB); returns their folder.
 *
 * @throws Error if Maven fails, or if a jar is not the one that jars.sha256 names; then none of them is kept
 */
export async function fetchKafka({ maven = 'mvn', jarsDir = kafkaJarsDir } = {}): Promise<string> {
  if (existsSync(jarsDir)) return jarsDir
  const temporary = `${jarsDir}.${process.pid}`
  await mkdir(path.dirname(jarsDir), { recursive: true })
  try {
    const pom = path.join(import.meta.dirname, 'pom.xml')
    const goal = [`${mavenDependencyPlugin}:copy-dependencies`, `-DoutputDirectory=${temporary}`]
    await promisify(execFile)(maven, ['-q', '-B', '--strict-checksums', '-f', pom, ...goal])
    const faults = await faultsOfFolder(temporary, await readFile(hashesFile, 'utf8'))
    if (faults.length > 0) throw new Error(`the jars are not those of jars.sha256: ${faults.join('; ')}`)
    // The rename makes it all or nothing: an existing folder is complete.
    await rename(temporary, jarsDir)
  } catch (cause) {
    if (!existsSync(jarsDir))
      throw new Error(`Maven could not fetch Kafka ${kafkaVersion}: ${reasonOf(cause)}`, { cause })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return jarsDir
}

function reasonOf(cause: unknown): string {
  const { stdout, message } = cause as { stdout?: string; message?: string }
  const line = stdout?.split('\n').find((text) => text.includes('ERROR'))
  return line ?? message ?? String(cause)
}

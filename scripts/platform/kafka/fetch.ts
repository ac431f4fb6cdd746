import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import path from 'node:path'
import { promisify } from 'node:util'
import { cacheDir } from '../paths.ts'

export const kafkaVersion = '4.3.0'

/** Where the broker's jars are, or will be. */
export const kafkaJarsDir = path.join(cacheDir, `kafka-${kafkaVersion}`)

export function isKafkaFetched(): boolean {
  return existsSync(kafkaJarsDir)
}

/** Fetches the broker's jars with Maven, once per checkout (about 10 s and 43 MB); returns their folder. */
export async function fetchKafka(): Promise<string> {
  if (isKafkaFetched()) return kafkaJarsDir
  const temporary = `${kafkaJarsDir}.${process.pid}`
  await mkdir(path.dirname(kafkaJarsDir), { recursive: true })
  try {
    const pom = path.join(import.meta.dirname, 'pom.xml')
    const goal = ['dependency:copy-dependencies', `-DoutputDirectory=${temporary}`]
    await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...goal])
    // The rename makes it all or nothing: a folder that is there is complete.
    await rename(temporary, kafkaJarsDir)
  } catch (cause) {
    if (!isKafkaFetched())
      throw new Error(`Maven could not fetch Kafka ${kafkaVersion}: ${reasonOf(cause)}`, { cause })
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return kafkaJarsDir
}

function reasonOf(cause: unknown): string {
  const { stdout, message } = cause as { stdout?: string; message?: string }
  const line = stdout?.split('\n').find((text) => text.includes('ERROR'))
  return line ?? message ?? String(cause)
}

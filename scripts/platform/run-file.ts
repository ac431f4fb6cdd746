import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import type { AuthFiles } from './auth.ts'
import type { ServiceName } from './databases.ts'
import { orderGuard } from './guard.ts'
import { stateDir } from './paths.ts'

/** Where everything of a running system is: what the command line and the benchmark start from. */
export interface RunFile {
  /** ISO 8601. */
  readonly startedAt: string
  /** Of the supervisor. */
  readonly pid: number
  /** host:port, one per replica. */
  readonly services: Readonly<Record<ServiceName, ServiceAddresses>>
  /** host:port, one per replica. */
  readonly relays: Readonly<Record<ServiceName, { readonly metrics: readonly string[] }>>
  /** One per process of the console: the page's address, its gRPC for operators, and where its metrics are. */
  readonly console: readonly { readonly page: string; readonly grpc: string; readonly metrics: string }[]
  /** Of somebody who may do everything. */
  readonly kafka: KafkaAddress
  /** Copies of each record, where the manifests' number is not kept. */
  readonly replicationFactor?: number | undefined
  /** Of the superuser. */
  readonly adminDatabaseUrl: string
  /** Who signs the gRPC servers' certificates; they speak plain text without it. */
  readonly tlsCaFile?: string | undefined
  readonly auth: AuthFiles
  /** By process name: `payment`, `relay-payment`, `kafka-1`, `postgres`; further replicas are `payment-2` and so on. */
  readonly processes: Readonly<Record<string, { readonly pid: number | null; readonly logFile: string }>>
}

export interface ServiceAddresses {
  readonly grpc: readonly string[]
  readonly metrics: readonly string[]
  readonly databaseUrl: string
}

/** What runs in this checkout, as `npm start` wrote it; undefined when nothing does. */
export async function readRunFile(dir = stateDir): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(dir), 'utf8')) as RunFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces the file as a whole: a reader never sees half of it. It holds passwords: only the owner may read it. */
export async function writeRunFile(run: RunFile, dir = stateDir): Promise<void> {
  orderGuard({ removeAtEnd: fileIn(dir) })
  const temporary = `${fileIn(dir)}.${process.pid}`
  await writeFile(temporary, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 })
  await rename(temporary, fileIn(dir))
}

export async function removeRunFile(dir = stateDir): Promise<void> {
  await rm(fileIn(dir), { force: true })
  orderGuard({ keep: fileIn(dir) })
}

function fileIn(dir: string): string {
  return path.join(dir, 'run.json')
}

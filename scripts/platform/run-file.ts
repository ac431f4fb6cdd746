import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import type { AuthFiles } from './auth.ts'
import type { ServiceName } from './databases.ts'
import { orderGuard } from './guard.ts'
import { stateDir } from './paths.ts'

/** The addresses, keys and processes of a running system, for the command line and the benchmark. */
export interface RunFile {
  /** ISO 8601. */
  readonly startedAt: string
  /** The process id of the supervisor. */
  readonly pid: number
  /** host:port, one per replica. */
  readonly services: Readonly<Record<ServiceName, ServiceAddresses>>
  /** host:port, one per replica. */
  readonly relays: Readonly<Record<ServiceName, { readonly metrics: readonly string[] }>>
  /** One per process of the console: the addresses of its page, of its gRPC for operators, and of its metrics. */
  readonly console: readonly { readonly page: string; readonly grpc: string; readonly metrics: string }[]
  /** The brokers, with the credentials of the admin user. */
  readonly kafka: KafkaAddress
  /** The copies of each record, if they differ from the manifests. */
  readonly replicationFactor?: number | undefined
  /** The URL of the superuser. */
  readonly adminDatabaseUrl: string
  /** The CA of the gRPC servers' certificates; plain text if undefined. */
  readonly tlsCaFile?: string | undefined
  readonly auth: AuthFiles
  /**
   * The processes by name: `payment`, `relay-payment`, `kafka-1`, `postgres`; further replicas are `payment-2` and so
   * on.
   */
  readonly processes: Readonly<Record<string, { readonly pid: number | null; readonly logFile: string }>>
}

export interface ServiceAddresses {
  readonly grpc: readonly string[]
  readonly metrics: readonly string[]
  readonly databaseUrl: string
}

/** Reads what runs in this checkout, from the file that `npm start` wrote; undefined if nothing runs. */
export async function readRunFile(dir = stateDir): Promise<RunFile | undefined> {
  try {
    return JSON.parse(await readFile(fileIn(dir), 'utf8')) as RunFile
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Replaces the file atomically. Only the owner may read it, because it contains passwords. */
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

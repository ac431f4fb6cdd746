import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { changedMigrationCode } from '@boxoffice/common/postgres/migration-checksums.ts'
import { defaultSchema } from '@boxoffice/messaging/sql'
import type { AuthFiles } from './auth.ts'
import type { DatabaseName, ServiceName } from './databases.ts'
import { cacheDir, repositoryDir } from './paths.ts'
import { ManagedProcess, StartError } from './process.ts'
import { type Identity, secureEnvironment } from './secure-environment.ts'
import type { Security } from './security.ts'

/** The parts of the system that its processes need to know. */
export interface Surroundings {
  readonly brokers: readonly string[]
  readonly databaseUrls: Readonly<Record<DatabaseName, string>>
  readonly auth: AuthFiles
  /** TLS, passwords and separate roles; plain text and one role for everything if undefined. */
  readonly security?: Security | undefined
  readonly logDir: string
  readonly disposable: boolean
  /** Further variables, which override those that are set here. */
  readonly env: NodeJS.ProcessEnv
  /** Further variables of one process, by its name. */
  readonly envOf?: ((process: string) => NodeJS.ProcessEnv) | undefined
}

/** A replica with its ports. */
export interface ReplicaPorts {
  /** Counted from 0; the first replica has the plain name. */
  readonly replica: number
  readonly metricsPort: number
}

/** Describes one process of a service. */
export function serviceProcess(
  name: ServiceName,
  ports: ReplicaPorts & { readonly grpcPort: number },
  around: Surroundings,
): ManagedProcess {
  return nodeProcess({
    name: replicaName(name, ports.replica),
    main: mainOf(name),
    metricsPort: ports.metricsPort,
    stage: 0,
    around,
    env: { ...serviceEnv(name, around), GRPC_ADDRESS: `127.0.0.1:${ports.grpcPort}` },
  })
}

/** Describes the relay beside one process of a service. */
export function relayProcess(name: ServiceName, ports: ReplicaPorts, around: Surroundings): ManagedProcess {
  return nodeProcess({
    name: replicaName(`relay-${name}`, ports.replica),
    main: mainOf('outbox-relay'),
    metricsPort: ports.metricsPort,
    // Ends after the services, so that their last commits are still published, and before PostgreSQL.
    stage: 1,
    around,
    env: { ...commonEnv(name, around, 'relay'), RELAY_NAME: name, OUTBOX_SCHEMA: defaultSchema },
  })
}

/** Migrates a service's database to the schema of this checkout. @throws StartError with the output of the service */
export async function migrate(
  name: DatabaseName,
  around: Surroundings,
  env: NodeJS.ProcessEnv = {},
): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [mainOf(name), 'migrate'], {
      cwd: repositoryDir,
      env: { ...process.env, ...serviceEnv(name, around, 'owner'), ...env, ...around.env },
      timeout: 120_000,
    })
  } catch (cause) {
    const { stdout, stderr, message } = cause as { stdout?: string; stderr?: string; message: string }
    const output = `${stdout ?? ''}${stderr ?? ''}`.trimEnd()
    const isOtherVersion = output.includes(`"code":"${changedMigrationCode}"`)
    const lines = output.split('\n').slice(-20)
    throw new StartError(
      isOtherVersion
        ? `The data was stored by another version of this code, whose tables were different: \`npm start -- --fresh\` removes it and starts with an empty system.`
        : `${name}'s database could not be migrated (${message.split('\n')[0]}):\n  ${lines.join('\n  ')}`,
      { cause },
    )
  }
}

export interface NodeProcessSpec {
  readonly name: string
  readonly main: string
  readonly metricsPort: number
  readonly stage: number
  readonly around: Surroundings
  readonly env: NodeJS.ProcessEnv
  readonly nodeFlags?: readonly string[]
}

/**
 * As in the chart's values. Without them V8 grows to 300 MB under load and keeps them, although it uses only a fifth.
 */
const heapFlags = ['--max-semi-space-size=4', '--max-old-space-size=128']

/** Describes one of our processes, which reports at /readyz of its metrics address whether it is ready. */
export function nodeProcess({
  name,
  main,
  metricsPort,
  stage,
  around,
  env,
  nodeFlags = heapFlags,
}: NodeProcessSpec): ManagedProcess {
  return new ManagedProcess({
    name,
    command: process.execPath,
    args: [...nodeFlags, main],
    cwd: repositoryDir,
    env: {
      ...process.env,
      ...env,
      METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
      ...around.env,
      ...around.envOf?.(name),
    },
    logFile: path.join(around.logDir, `${name}.log`),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    stage,
    disposable: around.disposable,
    readyTimeoutMs: 60_000,
    isReady: async () => await answersReady(metricsPort),
  })
}

async function answersReady(metricsPort: number): Promise<boolean> {
  const url = `http://127.0.0.1:${metricsPort}/readyz`
  return await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel()
      return response.ok
    },
    () => false,
  )
}

function commonEnv(name: DatabaseName, around: Surroundings, identity: Identity): NodeJS.ProcessEnv {
  const databaseUrl = around.databaseUrls[name]
  return {
    // Caches the stripped and compiled sources: 20 MB less in each process, and a quicker start.
    NODE_COMPILE_CACHE: path.join(cacheDir, 'node'),
    DATABASE_URL: databaseUrl,
    KAFKA_BROKERS: around.brokers.join(','),
    ...(around.security === undefined
      ? {}
      : secureEnvironment(name, identity, new URL(databaseUrl).port, around.security)),
  }
}

/** The environment variables of every process that serves, stores and consumes. */
export function serviceEnv(
  name: DatabaseName,
  around: Surroundings,
  identity: Identity = 'service',
): NodeJS.ProcessEnv {
  return {
    ...commonEnv(name, around, identity),
    AUTH_JWKS: around.auth.jwksFile,
    AUTH_ISSUER: around.auth.issuer,
    AUTH_AUDIENCE: around.auth.audience,
  }
}

export function mainOf(workspace: string): string {
  return path.join('services', workspace, 'src', 'main.ts')
}

/** The name of a replica's process; replicas count from 0, and the first has the plain name. */
export function replicaName(name: string, replica: number): string {
  return replica === 0 ? name : `${name}-${replica + 1}`
}

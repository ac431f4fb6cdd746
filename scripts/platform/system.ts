import { existsSync } from 'node:fs'
import path from 'node:path'
import { buildPage } from '../console-page.ts'
import { type AuthFiles, ensureAuth } from './auth.ts'
import { consoleEnv, consoleProcesses } from './console-process.ts'
import { createDatabases, databaseNames, serviceNames } from './databases.ts'
import { setKafkaPassword } from './kafka/set-password.ts'
import { setKafkaQuotas } from './kafka/set-quotas.ts'
import { freePortLayout, type PortLayout } from './port-layout.ts'
import type { ManagedProcess } from './process.ts'
import { ProcessSet } from './process-set.ts'
import { createSecureDatabases } from './secure-databases.ts'
import { ensureSecurity, kafkaAdmin, kafkaAs, readPassword, type Security } from './security.ts'
import { migrate, relayProcess, type Surroundings, serviceProcess } from './service-process.ts'
import { stepsOf } from './start-steps.ts'
import { addressesOf, type SystemAddresses } from './system-addresses.ts'
import { type ServerOptions, startBrokers, startDatabase } from './system-servers.ts'
import { createTopicsFromManifests } from './topics.ts'
import { allowUsers } from './users.ts'

export interface SystemOptions extends ServerOptions {
  /** The folder for `data`, `logs` and `auth` (keys), which are created if missing and reused otherwise. */
  readonly dir: string
  /** The ports; free ones if left out. */
  readonly ports?: PortLayout
  /** The replicas of each service, with a relay beside each; 1 if left out. */
  readonly replicas?: number
  /** The processes of the console; none if left out. */
  readonly consoles?: number
  /** The folder is deleted afterwards: if this process dies, no orderly end is needed. */
  readonly disposable?: boolean
  /** TLS, passwords and least rights instead of plain text; with data of its own. */
  readonly secure?: boolean
  /** Further variables for the services and relays. */
  readonly env?: NodeJS.ProcessEnv
  /** Further variables of one service or relay, by the name of its process; they override `env`. */
  readonly envOf?: (process: string) => NodeJS.ProcessEnv
}

export interface System {
  /**
   * The processes by name (`payment`, `relay-payment`, `kafka-1`, `postgres`); each may be killed, paused and started
   * again.
   */
  readonly processes: ReadonlyMap<string, ManagedProcess>
  readonly addresses: SystemAddresses
  readonly auth: AuthFiles
  /** Present in a secure system. */
  readonly security?: Security | undefined
  /** Stops services first, then relays, then brokers and PostgreSQL. May be called twice. */
  stop(): Promise<void>
}

/**
 * Starts the whole system: brokers and PostgreSQL, topics, databases, migrations, services and relays, each as an
 * operating-system process of its own. Returns when all are ready. If it throws, nothing is left running.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const processes = new ProcessSet()
  const stop = (): Promise<void> => processes.stop()
  options.signal?.addEventListener('abort', stop, { once: true })
  try {
    return { ...(await start(options, processes)), processes: processes.byName, stop }
  } catch (error) {
    await stop()
    throw error
  } finally {
    options.signal?.removeEventListener('abort', stop)
  }
}

async function start(
  options: SystemOptions,
  processes: ProcessSet,
): Promise<Pick<System, 'addresses' | 'auth' | 'security'>> {
  const consoles = options.consoles ?? 0
  const layout = options.ports ?? (await freePortLayout(options.replicas ?? 1, consoles))
  const ports = { ...layout, console: layout.console.slice(0, consoles) }
  const security = options.secure
    ? await ensureSecurity(path.join(options.dir, 'secure', 'secrets'))
    : undefined
  const folders = {
    dataDir: dataDirOf(options.dir, options.secure ?? false),
    logDir: path.join(options.dir, 'logs'),
    disposable: options.disposable ?? false,
  }
  // The brokers are formatted with the users of that time; later users have to be added.
  const laterUsers = existsSync(path.join(folders.dataDir, 'kafka-1')) ? (security?.kafka.newUsers ?? []) : []
  const step = stepsOf(options)
  const [brokers, adminUrl, auth] = await all([
    startBrokers(options, ports, folders, processes, security),
    startDatabase(options, ports, folders, processes, security),
    ensureAuth(path.join(options.dir, 'auth')),
    consoles === 0
      ? undefined
      : step('console page', async () => ({ value: undefined, detail: await buildPage() })),
  ])
  const kafka = security === undefined ? { brokers } : kafkaAs(kafkaAdmin, brokers, security.kafka)
  const [, databaseUrls] = await all([
    step('topics', async () => {
      const created = await createTopicsFromManifests(kafka, options.replicationFactor)
      return { value: undefined, detail: `${created.length} created` }
    }),
    step('databases', async () => ({
      value: await (security === undefined
        ? createDatabases(adminUrl)
        : createSecureDatabases(adminUrl, security.postgres, databaseNames)),
      detail: databaseNames.join(', '),
    })),
  ])
  if (security !== undefined) {
    await step('users', async () => {
      for (const user of laterUsers) {
        const password = await readPassword(security.kafka.passwordFileOf(user))
        await setKafkaPassword(user, password, brokers, security.kafka)
      }
      await all([allowUsers(kafka, security.kafka.users), setKafkaQuotas(brokers, security.kafka)])
      return { value: undefined, detail: `${security.kafka.users.length} with their rights` }
    })
  }
  const around: Surroundings = {
    ...folders,
    brokers,
    databaseUrls,
    auth,
    security,
    env: { ...replicationEnv(options), ...options.env },
    envOf: options.envOf,
  }
  await step('migrations', async () => {
    await all([
      ...serviceNames.map((name) => migrate(name, around)),
      ...(consoles > 0 ? [migrate('console', around, consoleEnv(ports, around))] : []),
    ])
    return { value: undefined, detail: 'up to date' }
  })
  await step('services and relays', async () => {
    const described = describe(ports, around).map((process) => processes.add(process))
    await all(described.map((process) => process.start()))
    return { value: undefined, detail: `${described.length} processes` }
  })
  return {
    addresses: { ...addressesOf(ports, kafka, databaseUrls, adminUrl), tlsCaFile: security?.caFile },
    auth,
    security,
  }
}

function replicationEnv({ replicationFactor }: SystemOptions): NodeJS.ProcessEnv {
  return replicationFactor === undefined ? {} : { KAFKA_REPLICATION_FACTOR: String(replicationFactor) }
}

/** The data folder. A secure system has its own, because its servers are created with its users and passwords. */
export function dataDirOf(dir: string, secure: boolean): string {
  return path.join(dir, secure ? 'secure' : '', 'data')
}

function describe(ports: PortLayout, around: Surroundings) {
  const services = serviceNames.flatMap((name) =>
    ports.grpc[name].flatMap((grpcPort, replica) => [
      serviceProcess(name, { replica, grpcPort, metricsPort: ports.metrics[name][replica] ?? 0 }, around),
      relayProcess(name, { replica, metricsPort: ports.relayMetrics[name][replica] ?? 0 }, around),
    ]),
  )
  return [...services, ...consoleProcesses(ports, around)]
}

/** Like Promise.all, but waits for all to end before it throws, so that nothing continues after a failed start. */
async function all<const Values extends readonly unknown[]>(
  values: Values,
): Promise<{ -readonly [Key in keyof Values]: Awaited<Values[Key]> }> {
  const settled = await Promise.allSettled(values)
  const failure = settled.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return (await Promise.all(values)) as { -readonly [Key in keyof Values]: Awaited<Values[Key]> }
}

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
  /** Data, logs and keys go into its `data`, `logs` and `auth`; made when missing, gone on with when there. */
  readonly dir: string
  /** Free ports when left out. */
  readonly ports?: PortLayout
  /** Of each service, with a relay beside each; 1 when left out. */
  readonly replicas?: number
  /** Processes of the console; none when left out. */
  readonly consoles?: number
  /** The folder is thrown away afterwards: no orderly end is needed when we die. */
  readonly disposable?: boolean
  /** TLS, passwords and no more rights than each needs, instead of plain text; with data of its own. */
  readonly secure?: boolean
  /** Further variables for the services and relays. */
  readonly env?: NodeJS.ProcessEnv
  /** Further variables of one service or relay, by the name of its process; these count before `env`. */
  readonly envOf?: (process: string) => NodeJS.ProcessEnv
}

export interface System {
  /** Each process by name, free to be killed, paused and started again: `payment`, `relay-payment`, `kafka-1`, `postgres`. */
  readonly processes: ReadonlyMap<string, ManagedProcess>
  readonly addresses: SystemAddresses
  readonly auth: AuthFiles
  /** Of a secure system. */
  readonly security?: Security | undefined
  /** Services first, then relays, then brokers and PostgreSQL. Stopping twice is fine. */
  stop(): Promise<void>
}

/**
 * Starts the whole system: brokers and PostgreSQL, topics, databases, migrations, services and relays, each an
 * operating-system process of its own. Returns when all are ready; throws with the reason, nothing left running.
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
  // The brokers are formatted with the users that there are: later ones have to be told.
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

/** A secure system's servers were made with its users and passwords: they cannot go on with the data of another. */
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

/** Like Promise.all, but it waits for all to end before it throws: nothing goes on behind a failed start. */
async function all<const Values extends readonly unknown[]>(
  values: Values,
): Promise<{ -readonly [Key in keyof Values]: Awaited<Values[Key]> }> {
  const settled = await Promise.allSettled(values)
  const failure = settled.find((result) => result.status === 'rejected')
  if (failure) throw failure.reason
  return (await Promise.all(values)) as { -readonly [Key in keyof Values]: Awaited<Values[Key]> }
}

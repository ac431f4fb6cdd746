import path from 'node:path'
import { type AuthFiles, ensureAuth } from '../../scripts/platform/auth.ts'
import { serviceNames } from '../../scripts/platform/databases.ts'
import { startKafka } from '../../scripts/platform/kafka/cluster.ts'
import { freePorts } from '../../scripts/platform/ports.ts'
import { startPostgres } from '../../scripts/platform/postgres.ts'
import { ProcessSet } from '../../scripts/platform/process-set.ts'
import { createSecureDatabases } from '../../scripts/platform/secure-databases.ts'
import { ensureSecurity, kafkaAdmin, kafkaAs, type Security } from '../../scripts/platform/security.ts'
import { temporaryFolder } from '../../scripts/platform/temporary-folder.ts'
import { createTopicsFromManifests } from '../../scripts/platform/topics.ts'
import { allowUsers } from '../../scripts/platform/users.ts'
import type { Sources } from '../../scripts/verify/sources.ts'

/** Kafka and PostgreSQL beside the cluster, instead of those that Strimzi and CloudNativePG would run. */
export interface Servers {
  /** The address at which pods reach them. */
  readonly host: string
  readonly kafkaPorts: readonly number[]
  readonly postgresPort: number
  /** TLS, users and roles as in the manifests. */
  readonly security: Security
  /** The keys that sign tokens. */
  readonly auth: AuthFiles
  /** The databases and Kafka, to verify the books from outside the cluster. */
  readonly sources: Sources
  stop(): Promise<void>
}

/** Starts both with the TLS, passwords, rights, topics, databases and roles of the manifests in k8s/base. */
export async function startServers(host: string): Promise<Servers> {
  const { dir, remove } = await temporaryFolder()
  const processes = new ProcessSet()
  const stop = async (): Promise<void> => {
    await processes.stop()
    await remove()
  }
  try {
    return { host, ...(await start(dir, host, processes)), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function start(
  dir: string,
  host: string,
  processes: ProcessSet,
): Promise<Omit<Servers, 'host' | 'stop'>> {
  const security = await ensureSecurity(path.join(dir, 'security'), [host, ...namesInCluster])
  const auth = await ensureAuth(path.join(dir, 'auth'))
  const folders = { dataDir: path.join(dir, 'data'), logDir: path.join(dir, 'logs'), disposable: true }
  const [kafkaPorts, controllerPorts, [postgresPort = 0]] = [
    await freePorts(3),
    await freePorts(3),
    await freePorts(1),
  ]
  const onProcess = processes.add.bind(processes)
  const properties = (id: number): Record<string, string> => {
    const broker = `SASL_SSL://${host}:${kafkaPorts[id - 1]}`
    const controller = `CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`
    return { listeners: `${broker},${controller}`, 'advertised.listeners': broker }
  }
  const [, { adminUrl }] = await Promise.all([
    startKafka({
      ...folders,
      ports: kafkaPorts,
      controllerPorts,
      properties,
      security: security.kafka,
      onProcess,
    }),
    startPostgres({
      ...folders,
      port: postgresPort,
      settings: { listen_addresses: `127.0.0.1,${host}` },
      security: security.postgres,
      onProcess,
    }),
  ])
  const kafka = kafkaAs(
    kafkaAdmin,
    kafkaPorts.map((port) => `${host}:${port}`),
    security.kafka,
  )
  await createTopicsFromManifests(kafka)
  await allowUsers(kafka, security.kafka.users)
  const urls = await createSecureDatabases(adminUrl, security.postgres, serviceNames)
  const sources = { paymentDb: urls.payment, pointDb: urls.point, reservationDb: urls.reservation, kafka }
  return { kafkaPorts, postgresPort, security, auth, sources }
}

/** The names that the chart uses. */
const namesInCluster = ['boxoffice-kafka-bootstrap', 'boxoffice-db-rw']

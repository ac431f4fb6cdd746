import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { signToken } from '../../../scripts/platform/auth.ts'
import { cacheDir, repositoryDir } from '../../../scripts/platform/paths.ts'
import { freePorts } from '../../../scripts/platform/ports.ts'
import { ManagedProcess } from '../../../scripts/platform/process.ts'
import { kubectl } from '../../support/kubectl.ts'
import type { TestSystem } from '../../support/shared-system.ts'

export interface OperatorOptions {
  readonly system: TestSystem
  readonly namespace: string
  /** The value of POD_NAME. */
  readonly identity: string
  /** A port of 127.0.0.1 that leads to the API server; by default the port in the kubeconfig. */
  readonly apiPort?: number
  readonly env?: NodeJS.ProcessEnv
}

export const serviceAccount = 'boxoffice-operator'

/** The flags that the chart sets. */
const nodeFlags = ['--max-semi-space-size=2', '--max-old-space-size=96']

/** The operator as a process of this machine, with the token of its own service account, as its pod would have it. */
export async function operatorProcess(
  options: OperatorOptions,
): Promise<ManagedProcess & { metricsPort: number }> {
  const { system, namespace, identity, env = {} } = options
  const dir = path.join(system.dir, identity)
  const { host, port } = await serverAddress()
  await writeAccount(dir, namespace)
  const token = await signToken(system.auth, {
    subject: 'boxoffice-operator',
    roles: ['operator'],
    validForSeconds: 7_200,
  })
  await writeFile(path.join(dir, 'service-token'), token)
  const [metricsPort = 0] = await freePorts(1)
  const { services, kafka } = system.addresses
  const process_ = new ManagedProcess({
    name: identity,
    command: process.execPath,
    args: [...nodeFlags, 'services/operator/src/main.ts'],
    cwd: repositoryDir,
    env: {
      ...process.env,
      NODE_COMPILE_CACHE: path.join(cacheDir, 'node'),
      POD_NAME: identity,
      KUBERNETES_SERVICE_HOST: host,
      KUBERNETES_SERVICE_PORT: String(options.apiPort ?? port),
      SERVICE_ACCOUNT_DIR: dir,
      KAFKA_BROKERS: kafka.brokers.join(','),
      SERVICES: Object.entries(services)
        .map(([group, { grpc }]) => `${group}=${grpc[0]}`)
        .join(','),
      TOKEN_FILE: path.join(dir, 'service-token'),
      REPLAY_NAMESPACES: 'all',
      METRICS_ADDRESS: `127.0.0.1:${metricsPort}`,
      LEASE_NAME: serviceAccount,
      DEAD_LETTER_INTERVAL_MS: '1s',
      ...env,
    },
    logFile: path.join(system.dir, 'logs', `${identity}.log`),
    stopSignal: 'SIGTERM',
    stopTimeoutMs: 15_000,
    stage: 0,
    disposable: true,
    readyTimeoutMs: 60_000,
    isReady: () => answers(`http://127.0.0.1:${metricsPort}/readyz`),
  })
  return Object.assign(process_, { metricsPort })
}

async function answers(url: string): Promise<boolean> {
  return await fetch(url, { signal: AbortSignal.timeout(1_000) }).then(
    async (response) => {
      await response.body?.cancel()
      return response.ok
    },
    () => false,
  )
}

/** Writes the files that Kubernetes mounts into a pod. */
async function writeAccount(dir: string, namespace: string): Promise<void> {
  await mkdir(dir, { recursive: true })
  const token = await kubectl('create', 'token', serviceAccount, '--namespace', namespace, '--duration', '2h')
  await writeFile(path.join(dir, 'token'), token)
  await writeFile(path.join(dir, 'namespace'), namespace)
  await writeFile(path.join(dir, 'ca.crt'), await certificateAuthority())
}

export async function serverAddress(): Promise<{ readonly host: string; readonly port: number }> {
  const { cluster } = await currentCluster()
  const { hostname, port } = new URL(cluster.server)
  return { host: hostname, port: Number(port || 443) }
}

/** The CA that signs the API server's certificate, in PEM. */
export async function certificateAuthority(): Promise<Buffer> {
  const { cluster } = await currentCluster()
  return Buffer.from(cluster['certificate-authority-data'], 'base64')
}

interface Cluster {
  readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string }
}

async function currentCluster(): Promise<Cluster> {
  const config = await kubectl('config', 'view', '--minify', '--flatten', '--raw', '--output', 'json')
  const [cluster] = (JSON.parse(config) as { clusters: Cluster[] }).clusters
  if (cluster === undefined) throw new Error('the kubeconfig names no cluster')
  return cluster
}

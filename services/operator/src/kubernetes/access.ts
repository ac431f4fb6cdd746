import { readFileSync } from 'node:fs'
import path from 'node:path'
import { openSecretFile } from '@boxoffice/common/config/secret-file.ts'
import { Agent, type Dispatcher } from 'undici'

/** The address of the API server, and the identity of this pod. */
export interface Access {
  readonly server: string
  /** The namespace of this pod. */
  readonly namespace: string
  /** Connects with trust in the cluster's own CA. */
  readonly dispatcher: Dispatcher
  /** The service account's token. Kubernetes replaces it before it expires. */
  token(): string
  close(): Promise<void>
}

export interface AccessOptions {
  readonly kubernetesHost: string
  readonly kubernetesPort: number
  readonly serviceAccountDir: string
}

const connectTimeoutMs = 5_000
/** How long the headers of an answer may take; those of a watch come at once. */
const headersTimeoutMs = 15_000
const keepAliveMs = 30_000

/** Reads the files that Kubernetes mounts into every pod. @throws Error if a file is missing */
export function podAccess({ kubernetesHost, kubernetesPort, serviceAccountDir }: AccessOptions): Access {
  const file = (name: string): string => path.join(serviceAccountDir, name)
  const token = openSecretFile(file('token'))
  const host = kubernetesHost.includes(':') ? `[${kubernetesHost}]` : kubernetesHost
  const dispatcher = new Agent({
    connect: { ca: readFileSync(file('ca.crt'), 'utf8'), timeout: connectTimeoutMs },
    headersTimeout: headersTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    // Watches are silent while nothing changes; they have a timeout of their own.
    bodyTimeout: 0,
    connections: 8,
  })
  return {
    server: `https://${host}:${kubernetesPort}`,
    namespace: readFileSync(file('namespace'), 'utf8').trim(),
    dispatcher,
    token: token.read,
    close: () => dispatcher.destroy(),
  }
}

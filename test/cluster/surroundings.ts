import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { signToken } from '../../scripts/platform/auth.ts'
import { apply, kubectl } from '../support/kubectl.ts'
import type { Servers } from './servers.ts'

/** Creates a namespace with the Services and Secrets that the operators of Kafka and PostgreSQL would create. */
export async function makeSurroundings(servers: Servers): Promise<string> {
  const namespace = `boxoffice-${randomUUID().slice(0, 8)}`
  const enforce = 'pod-security.kubernetes.io/enforce'
  await apply({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: namespace, labels: { [enforce]: 'restricted', [`${enforce}-version`]: 'latest' } },
  })
  const items = [
    ...serviceTo('boxoffice-kafka-bootstrap', 9093, servers.host, servers.kafkaPorts[0] ?? 0),
    ...serviceTo('boxoffice-db-rw', 5432, servers.host, servers.postgresPort),
    ...(await secretsOf(servers)),
  ]
  await apply({ apiVersion: 'v1', kind: 'List', items }, '--namespace', namespace)
  return namespace
}

export async function removeSurroundings(namespace: string): Promise<void> {
  await kubectl('delete', 'namespace', namespace, '--timeout=180s')
}

/** A Service without pods that leads to a server beside the cluster. */
function serviceTo(name: string, port: number, host: string, targetPort: number): object[] {
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { ports: [{ port, targetPort }] } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      ports: [{ port: targetPort }],
      endpoints: [{ addresses: [host] }],
    },
  ]
}

async function secretsOf({ security, auth }: Servers): Promise<object[]> {
  const { kafka, postgres, caFile } = security
  const text = async (file: string): Promise<string> => (await readFile(file, 'utf8')).trim()
  const ca = await text(caFile)
  const passwords = async (names: readonly string[], nameOf: (name: string) => string, fileOf: FileOf) =>
    await Promise.all(
      names.map(async (name) => secret(nameOf(name), { username: name, password: await text(fileOf(name)) })),
    )
  return [
    secret('boxoffice-cluster-ca-cert', { 'ca.crt': ca }),
    secret('boxoffice-db-ca', { 'ca.crt': ca }),
    secret('boxoffice-operator-token', {
      token: await signToken(auth, { subject: 'boxoffice-operator', roles: ['operator'] }),
    }),
    secret('boxoffice-token-key', { 'private-key.json': await text(auth.privateKeyFile) }),
    {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'boxoffice-jwks' },
      data: { 'jwks.json': await text(auth.jwksFile) },
    },
    ...(await passwords(
      kafka.users.map(({ name }) => name),
      (name) => name,
      kafka.passwordFileOf,
    )),
    ...(await passwords(
      postgres.roles.map(({ name }) => name),
      (name) => `boxoffice-db-${name.replaceAll('_', '-')}`,
      postgres.passwordFileOf,
    )),
  ]
}

type FileOf = (name: string) => string

function secret(name: string, stringData: Readonly<Record<string, string>>): object {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name }, stringData }
}

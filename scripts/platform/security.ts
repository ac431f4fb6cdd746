import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ServerTls } from '@boxoffice/common/grpc/tls.ts'
import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { type CertifiedKey, createAuthority } from './certificates.ts'
import { type DatabaseManifest, readDatabaseManifest } from './database-manifest.ts'
import { readUsers, type UserSpec } from './users.ts'

/** What makes a local system secure: who there is, by the manifests of Kubernetes, and the secrets of each, as files. */
export interface Security {
  /** Signs every certificate here. */
  readonly caFile: string
  /** For every gRPC server. */
  readonly grpc: ServerTls
  readonly kafka: KafkaSecurity
  readonly postgres: PostgresSecurity
}

export interface KafkaSecurity {
  readonly caFile: string
  /** The brokers' certificate and key in one file, by which they know each other too. */
  readonly keyStoreFile: string
  readonly users: readonly UserSpec[]
  /** Those of them that had no password before: brokers that were formatted earlier do not know them yet. */
  readonly newUsers: readonly string[]
  /** Of a user, or of {@link kafkaBroker} and {@link kafkaAdmin}, who may do everything. */
  passwordFileOf(user: string): string
}

export interface PostgresSecurity extends DatabaseManifest {
  readonly caFile: string
  readonly server: CertifiedKey
  /** Of a role, or of the superuser `postgres`. */
  passwordFileOf(role: string): string
}

export const kafkaBroker = 'broker'
export const kafkaAdmin = 'admin'
export const postgresAdmin = 'postgres'

/** Where the servers of a local system are. */
const localHosts = ['localhost', '127.0.0.1', '::1']

/**
 * Makes the certificates and passwords of a local system once, in `dir`, and those of users and roles that came later.
 *
 * @param furtherHosts - names and addresses, besides this machine's own, that the servers are called by
 */
export async function ensureSecurity(dir: string, furtherHosts: readonly string[] = []): Promise<Security> {
  const [users, manifest] = await Promise.all([readUsers(), readDatabaseManifest()])
  // Closed by itself: PostgreSQL, which may run as another user, passes through the folder above.
  await mkdir(path.dirname(dir), { recursive: true })
  await mkdir(dir, { recursive: true, mode: 0o700 })
  const certificates = path.join(dir, 'certificates')
  if (!existsSync(certificates)) await makeCertificates(certificates, [...localHosts, ...furtherHosts])
  const passwordFileOf = (server: string) => (name: string) => path.join(dir, server, name)
  const [kafkaPassword, postgresPassword] = [passwordFileOf('kafka'), passwordFileOf('postgres')]
  for (const name of [kafkaBroker, kafkaAdmin]) await ensurePassword(kafkaPassword(name))
  const newUsers: string[] = []
  for (const { name } of users) if (await ensurePassword(kafkaPassword(name))) newUsers.push(name)
  for (const { name } of [{ name: postgresAdmin }, ...manifest.roles])
    await ensurePassword(postgresPassword(name))
  const file = (name: string): string => path.join(certificates, name)
  const read = (name: string): Promise<string> => readFile(file(name), 'utf8')
  const caFile = file('ca.crt')
  return {
    caFile,
    grpc: { certificateFile: file('grpc.crt'), keyFile: file('grpc.key') },
    kafka: { caFile, keyStoreFile: file('kafka.pem'), users, newUsers, passwordFileOf: kafkaPassword },
    postgres: {
      ...manifest,
      caFile,
      server: { certificate: await read('postgres.crt'), privateKey: await read('postgres.key') },
      passwordFileOf: postgresPassword,
    },
  }
}

/** How a user of Kafka comes in. */
export function kafkaAs(user: string, brokers: readonly string[], security: KafkaSecurity): KafkaAddress {
  const sasl = { username: user, passwordFile: security.passwordFileOf(user) }
  return { brokers, tlsCaFile: security.caFile, sasl }
}

/** How a role of PostgreSQL comes in: a URL that holds all, for tools; the services are given the files. */
export async function databaseUrlAs(
  role: string,
  place: { readonly port: number; readonly database: string },
  { caFile, passwordFileOf }: Pick<PostgresSecurity, 'caFile' | 'passwordFileOf'>,
): Promise<string> {
  const url = new URL(`postgres://localhost:${place.port}/${place.database}`)
  url.username = role
  url.password = await readPassword(passwordFileOf(role))
  url.searchParams.set('sslmode', 'verify-full')
  url.searchParams.set('sslrootcert', caFile)
  return url.href
}

export async function readPassword(file: string): Promise<string> {
  return (await readFile(file, 'utf8')).trim()
}

async function makeCertificates(dir: string, hosts: readonly string[]): Promise<void> {
  const temporary = `${dir}.new`
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary, { recursive: true, mode: 0o700 })
  const put = (name: string, text: string): Promise<void> =>
    writeFile(path.join(temporary, name), text, { mode: 0o600 })
  const authority = await createAuthority('Boxoffice, this machine')
  await put('ca.crt', authority.certificate)
  for (const name of ['grpc', 'postgres']) {
    const { certificate, privateKey } = await authority.issue(name, hosts)
    await put(`${name}.crt`, certificate)
    await put(`${name}.key`, privateKey)
  }
  const { certificate, privateKey } = await authority.issue(kafkaBroker, hosts)
  await put('kafka.pem', `${privateKey}\n${certificate}\n`)
  // The rename makes it all or nothing. The authority's key is gone with this function: nobody signs anything else with it.
  await rename(temporary, dir)
}

/** Whether it made one. */
async function ensurePassword(file: string): Promise<boolean> {
  if (existsSync(file)) return false
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.new`
  await writeFile(temporary, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  await rename(temporary, file)
  return true
}

import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ServerTls } from '@boxoffice/common/grpc/tls.ts'
import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { type CertifiedKey, createAuthority } from './certificates.ts'
import { type DatabaseManifest, readDatabaseManifest } from './database-manifest.ts'
import { readUsers, type UserSpec } from './users.ts'

/** The security of a local system: users and roles from the Kubernetes manifests, and their secrets as files. */
export interface Security {
  /** The certificate of the CA that signs all certificates here. */
  readonly caFile: string
  /** The certificate and key of every gRPC server. */
  readonly grpc: ServerTls
  readonly kafka: KafkaSecurity
  readonly postgres: PostgresSecurity
}

export interface KafkaSecurity {
  readonly caFile: string
  /** The certificate and key of the brokers in one file; they authenticate each other with it as well. */
  readonly keyStoreFile: string
  readonly users: readonly UserSpec[]
  /** The users that had no password before: brokers that were formatted earlier do not know them yet. */
  readonly newUsers: readonly string[]
  /** The password file of a user, or of {@link kafkaBroker} and {@link kafkaAdmin}, which may do everything. */
  passwordFileOf(user: string): string
}

export interface PostgresSecurity extends DatabaseManifest {
  readonly caFile: string
  readonly server: CertifiedKey
  /** The password file of a role, or of the superuser `postgres`. */
  passwordFileOf(role: string): string
}

export const kafkaBroker = 'broker'
export const kafkaAdmin = 'admin'
export const postgresAdmin = 'postgres'

/** The hosts of the servers of a local system. */
const localHosts = ['localhost', '127.0.0.1', '::1']

/**
 * Creates the certificates and passwords of a local system in `dir`, if missing, also for users and roles that were
 * added later.
 *
 * @param furtherHosts - further host names and addresses of the servers
 */
export async function ensureSecurity(dir: string, furtherHosts: readonly string[] = []): Promise<Security> {
  const [users, manifest] = await Promise.all([readUsers(), readDatabaseManifest()])
  // Only this folder is closed: PostgreSQL, which may run as another user, has to enter the folder above.
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

/** The address of Kafka with the credentials of a user. */
export function kafkaAs(user: string, brokers: readonly string[], security: KafkaSecurity): KafkaAddress {
  const sasl = { username: user, passwordFile: security.passwordFileOf(user) }
  return { brokers, tlsCaFile: security.caFile, sasl }
}

/** The URL of a role of PostgreSQL with all credentials, for tools; services get the files. */
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
  // The rename makes it all or nothing. The authority's key is lost when this function ends, so it can sign nothing
  // else.
  await rename(temporary, dir)
}

/** Creates a password file if it is missing; returns whether it did. */
async function ensurePassword(file: string): Promise<boolean> {
  if (existsSync(file)) return false
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.new`
  await writeFile(temporary, `${randomBytes(24).toString('base64url')}\n`, { mode: 0o600 })
  await rename(temporary, file)
  return true
}

import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { parseAllDocuments } from 'yaml'
import { repositoryDir } from './paths.ts'

const postgresFile = path.join(repositoryDir, 'k8s', 'base', 'postgres.yaml')

/** The databases of the system, as the Kubernetes manifests declare them. */
export interface DatabaseManifest {
  /** The lines of pg_hba.conf, which say which role may connect to which database. */
  readonly hba: readonly string[]
  readonly roles: readonly RoleSpec[]
  /** The limits of the whole server, for which the limits of the roles are made. */
  readonly settings: Readonly<Record<'max_connections' | 'max_replication_slots' | 'max_wal_senders', string>>
  readonly databases: readonly { readonly name: string; readonly owner: string }[]
}

export interface RoleSpec {
  readonly name: string
  readonly replication: boolean
  /** The maximum of connections, without streams of the log. */
  readonly connectionLimit: number
}

/** Reads CloudNativePG's `Cluster` and `Database` resources. */
export async function readDatabaseManifest(): Promise<DatabaseManifest> {
  const resources = parseAllDocuments(await readFile(postgresFile, 'utf8')).map((document) => {
    if (document.errors[0]) throw new Error(`${postgresFile}: ${document.errors[0].message}`)
    return document.toJS() as Cluster | Database
  })
  const cluster = resources.find((resource) => resource.kind === 'Cluster')
  if (cluster === undefined) throw new Error(`${postgresFile} has no Cluster`)
  return {
    hba: cluster.spec.postgresql.pg_hba,
    roles: cluster.spec.managed.roles.map(({ name, replication = false, connectionLimit }) => {
      if (connectionLimit === undefined) throw new Error(`${postgresFile}: ${name} has no connectionLimit`)
      return { name, replication, connectionLimit }
    }),
    settings: boundsOf(cluster.spec.postgresql.parameters),
    databases: resources
      .filter((resource) => resource.kind === 'Database')
      .map(({ spec: { name, owner } }) => ({ name, owner })),
  }
}

function boundsOf(parameters: Readonly<Record<string, string>>): DatabaseManifest['settings'] {
  const { max_connections, max_replication_slots, max_wal_senders } = parameters
  if (!max_connections || !max_replication_slots || !max_wal_senders)
    throw new Error(`${postgresFile} does not say how many connections, slots and streams there may be`)
  return { max_connections, max_replication_slots, max_wal_senders }
}

interface Cluster {
  readonly kind: 'Cluster'
  readonly spec: {
    readonly postgresql: {
      readonly pg_hba: readonly string[]
      readonly parameters: Readonly<Record<string, string>>
    }
    readonly managed: {
      readonly roles: readonly {
        readonly name: string
        readonly replication?: boolean
        readonly connectionLimit?: number
      }[]
    }
  }
}

interface Database {
  readonly kind: 'Database'
  readonly spec: { readonly name: string; readonly owner: string }
}

import { examineKafka } from '@boxoffice/common/doctor/examine-kafka.ts'
import { type Finding, problem } from '@boxoffice/common/doctor/finding.ts'
import { readTopicManifests } from '@boxoffice/common/doctor/topic-manifests.ts'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'

/** What stands for and against using this PostgreSQL server. */
export async function examineOwnPostgres(databaseUrl: string): Promise<Finding[]> {
  const found = await ownPostgresProblem(databaseUrl)
  return found === undefined ? [] : [problem(found, '', '')]
}

async function ownPostgresProblem(databaseUrl: string): Promise<string | undefined> {
  const { host } = new URL(databaseUrl)
  const client = new (clientOf({ url: databaseUrl }, pg.Client))({ connectionTimeoutMillis: 5_000 })
  try {
    await client.connect()
    const { rows } = await client.query<{ wal: string; superuser: boolean }>(
      `select current_setting('wal_level') as wal, usesuper as superuser from pg_user where usename = current_user`,
    )
    const [server] = rows
    if (server?.wal !== 'logical') {
      return `PostgreSQL at ${host} has wal_level=${server?.wal}, and the relays read its log: run \`alter system set wal_level = logical\` and restart it.`
    }
    if (!server.superuser) {
      return `DATABASE_URL's user is no superuser at ${host}, and databases and roles are to be made: use one that is.`
    }
    return undefined
  } catch (error) {
    const { message, code } = error as { message: string; code?: string }
    return `PostgreSQL at ${host} cannot be used (${message || code}): start it or correct DATABASE_URL, or leave it out.`
  } finally {
    await client.end().catch(() => {
      // It was never connected.
    })
  }
}

/**
 * What stands for and against using these brokers.
 *
 * @param missing - how bad it is that a topic is missing
 */
export async function examineOwnKafka(
  address: KafkaAddress,
  replicationFactor: number | undefined,
  missing: 'made' | 'warning' | 'problem',
): Promise<Finding[]> {
  return await examineKafka({
    kafka: createKafka({ ...address, clientId: 'boxoffice-doctor' }),
    brokers: address.brokers,
    specs: await readTopicManifests(replicationFactor),
    missing,
  })
}

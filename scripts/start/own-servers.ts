import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'
import { isListening } from '../platform/ports.ts'

/** What is in the way of using this PostgreSQL server, as a sentence; undefined when nothing is. */
export async function ownPostgresProblem(databaseUrl: string): Promise<string | undefined> {
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

/** What is in the way of using these brokers, as a sentence; undefined when nothing is. */
export async function ownKafkaProblem(brokers: readonly string[]): Promise<string | undefined> {
  const answers = await Promise.all(
    brokers.map((broker) => {
      const separator = broker.lastIndexOf(':')
      return isListening(Number(broker.slice(separator + 1)), broker.slice(0, separator))
    }),
  )
  if (answers.includes(true)) return undefined
  return `No Kafka broker answers at ${brokers.join(', ')}: start one or correct KAFKA_BROKERS, or leave it out.`
}

import { describeServer } from '@boxoffice/common/doctor/describe-server.ts'
import { examineKafka } from '@boxoffice/common/doctor/examine-kafka.ts'
import type { Finding } from '@boxoffice/common/doctor/finding.ts'
import { judgeRoom, judgeServer } from '@boxoffice/common/doctor/judge-server.ts'
import { refusedConnection } from '@boxoffice/common/doctor/refused-connection.ts'
import { readTopicManifests } from '@boxoffice/common/doctor/topic-manifests.ts'
import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import pg from 'pg'

/** Examines whether this PostgreSQL server is suitable. Never throws: a server that does not answer is a finding. */
export async function examineOwnPostgres(databaseUrl: string): Promise<Finding[]> {
  const { host } = new URL(databaseUrl)
  let client: pg.Client | undefined
  try {
    // The constructor reads the files that the URL names, and can throw.
    const connection = new (clientOf({ url: databaseUrl }, pg.Client))({ connectionTimeoutMillis: 5_000 })
    client = connection
    // Without a listener, a connection that breaks between two statements would end the process.
    connection.on('error', () => {})
    await connection.connect()
    const server = await describeServer(async (sql) => (await connection.query(sql)).rows)
    return [...judgeServer(server), ...judgeRoom(server)]
  } catch (error) {
    return [refusedConnection(host, error)]
  } finally {
    await client?.end().catch(() => {
      // It was never connected.
    })
  }
}

/**
 * Examines whether these brokers are suitable.
 *
 * @param missing - how a missing topic is reported
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

import { randomUUID } from 'node:crypto'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createKafka } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { createShardPublications } from '@boxoffice/common/postgres/outbox-shards.ts'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { startTail } from '@boxoffice/kafka'
import { migrateMessaging } from '@boxoffice/messaging'
import { createPgDatabase } from '@boxoffice/messaging/pg'
import { defaultOutboxTables, defaultSchema, publicationOf } from '@boxoffice/messaging/sql'
import pg from 'pg'
import { createDatabases } from '../platform/databases.ts'
import { freePorts } from '../platform/ports.ts'
import type { ManagedProcess } from '../platform/process.ts'
import { relayProcess } from '../platform/service-process.ts'
import { startTemporaryPlatform } from '../platform/temporary-platform.ts'
import { createTopicsFromManifests } from '../platform/topics.ts'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import type { RowLedger } from './row-ledger.ts'
import { rowOf } from './row-writers.ts'
import type { MeasuredProcess } from './system-under-test.ts'

export interface RelayUnderTest {
  readonly databaseUrl: string
  /** A topic of the product, created from its manifest. */
  readonly topic: string
  readonly processes: readonly MeasuredProcess[]
  stop(): Promise<void>
}

const topic = 'payment-events'
const tailTimeoutMs = 30_000

/**
 * Starts brokers, PostgreSQL with the messaging tables, a relay per shard, and a consumer here that records rows in
 * the ledger.
 */
export async function startRelays(
  shards: number,
  ledger: RowLedger,
  progress: Progress,
  signal: AbortSignal,
): Promise<RelayUnderTest> {
  const started = progress.step('relay: platform')
  const platform = await startTemporaryPlatform()
  const toStop: (() => Promise<void>)[] = [() => platform.stop()]
  const stop = async (): Promise<void> => {
    for (const stopPart of toStop.splice(0).reverse()) await stopPart()
  }
  try {
    signal.throwIfAborted()
    const brokers = platform.kafka.addresses
    await createTopicsFromManifests({ brokers })
    const databaseUrls = await createDatabases(platform.postgres.adminUrl)
    await createTables(databaseUrls.payment, shards)
    const metricsPorts = await freePorts(shards)
    const relays = metricsPorts.map((metricsPort, replica) =>
      relayProcess(
        'payment',
        { replica, metricsPort },
        {
          brokers,
          databaseUrls,
          auth: { issuer: '', audience: '', jwksFile: '', privateKeyFile: '' },
          logDir: path.join(platform.dir, 'logs'),
          disposable: true,
          env: { LOG_LEVEL: 'warn', RELAY_SHARDS: `${shards}` },
        },
      ),
    )
    for (const relay of relays) {
      await relay.start()
      toStop.push(() => relay.stop())
    }
    toStop.push(await consumeInto(ledger, brokers, signal))
    const processes = [...relays, ...platform.kafka.brokers, platform.postgres.server].map(measured)
    started(`three brokers, PostgreSQL, ${shards} relays`)
    return { databaseUrl: databaseUrls.payment, topic, processes, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

async function createTables(databaseUrl: string, shards: number): Promise<void> {
  const pool = new pg.Pool({ Client: clientOf({ url: databaseUrl }, pg.Client), max: 1 })
  const { outbox } = defaultOutboxTables
  const publications = createShardPublications({ outbox, publication: publicationOf(defaultSchema) }, shards)
  try {
    await migrateMessaging(createPgDatabase(pool))
    for (const sql of publications.values()) await pool.query(sql)
  } finally {
    await pool.end()
  }
}

async function consumeInto(
  ledger: RowLedger,
  brokers: readonly string[],
  signal: AbortSignal,
): Promise<() => Promise<void>> {
  const log = createLog({ service: 'bench', level: 'fatal' })
  const tail = await startTail({
    kafka: createKafka({ brokers: [...brokers], clientId: 'bench' }),
    topic,
    groupId: `bench-${randomUUID()}`,
    log,
    onAssigned: () => {},
    onRecords: (records) => {
      for (const { value } of records) {
        const row = rowOf(value)
        if (row !== undefined) ledger.consumed(row)
      }
    },
  })
  const deadline = performance.now() + tailTimeoutMs
  while (!tail.ready()) {
    if (performance.now() > deadline) throw new BenchError('The consumer does not join its group.')
    await sleep(50, undefined, { signal })
  }
  return () => tail.stop()
}

function measured({ name, pid, spec }: ManagedProcess): MeasuredProcess {
  return { name, pid: pid ?? 0, isNode: name.startsWith('relay-'), logFile: spec.logFile }
}

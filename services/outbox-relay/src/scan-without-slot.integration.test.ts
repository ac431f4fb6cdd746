import { setTimeout as sleep } from 'node:timers/promises'
import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { createMetrics } from '@boxoffice/common/telemetry/metrics.ts'
import { expect } from 'chai'
import { type Database, openDatabase } from './database.ts'
import { type Layout, layoutOf, OtherLayoutError, type OutboxShard } from './layout.ts'
import { createRelayMetrics, type RelayMetrics } from './metrics.ts'
import { ReplicationStream } from './replication-stream.ts'
import { scanWithoutSlot } from './scan-without-slot.ts'
import { createOutboxDatabase, defaultNames, type OutboxDatabase } from './testing/outbox-database.ts'
import { waitFor } from './testing/wait-for.ts'

describe('a relay that publishes without a slot', () => {
  let outbox: OutboxDatabase
  let database: Database
  let metrics: RelayMetrics
  let place: { readonly layout: Layout; readonly shard: OutboxShard }
  const never = new AbortController().signal

  beforeEach(async () => {
    outbox = await createOutboxDatabase()
    const log = createLog({ service: 'test', level: 'silent' })
    database = openDatabase({ url: outbox.url, applicationName: 'scan', names: defaultNames, log })
    metrics = createRelayMetrics(createMetrics('test'))
    const layout = await layoutOf(database, 'scan', 1)
    place = { layout, shard: layout.shards[0] as OutboxShard }
  })
  afterEach(async () => {
    await database.end()
    await outbox.drop()
  })

  it('stays the one that does, however long its table takes', async () => {
    const silenceMs = 3_000
    let rounds = 0
    const scan = (publishTable: () => Promise<void>, roundMs: number) =>
      scanWithoutSlot(
        { ...place, database, metrics, publishTable, intervalMs: 10, roundMs, silenceMs },
        never,
      )
    const isOurs = await scan(async () => {
      rounds += 1
      const begun = await serverTime()
      // Another one, which comes meanwhile, waits for its turn.
      expect(await scan(() => expect.fail('two of them publish'), 100)).to.equal(false)
      await waitFor('a life sign from after the silence and the round', () => gaveLifeSign(begun, 5_000))
    }, 5_000)
    expect(isOurs).to.equal(true)
    expect(rounds).to.equal(1)
  })

  it('leaves the table to a relay that reads the slot of another layout', async () => {
    const slotName = `${place.layout.baseName}_1of2`
    await outbox.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [slotName])
    const other = await ReplicationStream.open({
      ...{ database: { url: outbox.url }, names: defaultNames, slotName, applicationName: 'other' },
      ...{ walSenderTimeoutMs: 5_000, rowsMax: 1, bytesMax: 1_000 },
    })
    const publishTable = () => expect.fail('both publish')
    const parts = { ...place, database, metrics, publishTable, intervalMs: 10, roundMs: 1_000 }
    const failure = await scanWithoutSlot(parts, never).catch((error: unknown) => error)
    await other.close()
    expect(failure).to.be.instanceOf(OtherLayoutError)
  })

  it('stops publishing when its connection breaks, and begins again', async () => {
    const publishTable = async (held: AbortSignal): Promise<void> => {
      await outbox.pool.query(terminate)
      while (!held.aborted) await sleep(10)
    }
    const parts = {
      ...place,
      ...{ database, metrics, publishTable, intervalMs: 10, roundMs: 60_000 },
    }
    const failure = await scanWithoutSlot(parts, never).catch((error: unknown) => error)
    expect(failure).to.match(/terminating connection/)
  })

  async function serverTime(): Promise<string> {
    const { rows } = await outbox.pool.query<{ now: string }>('SELECT clock_timestamp()::text AS now')
    return rows[0]?.now ?? ''
  }

  async function gaveLifeSign(since: string, afterMs: number): Promise<boolean> {
    const { rows } = await outbox.pool.query<{ given: boolean }>(lifeSign, [since, afterMs])
    return rows[0]?.given ?? false
  }
})

const lifeSign = `
  SELECT count(*) > 0 AS given FROM pg_stat_activity
  WHERE application_name = 'scan' AND datname = current_database() AND query = 'SELECT 1'
    AND query_start > $1::timestamptz + $2::int * interval '1 ms'`

const terminate = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scan' AND datname = current_database()`

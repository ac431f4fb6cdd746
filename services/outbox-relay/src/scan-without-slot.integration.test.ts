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
    let rounds = 0
    const scan = (publishTable: () => Promise<void>) =>
      scanWithoutSlot(
        { ...place, database, metrics, publishTable, intervalMs: 10, roundMs: 900, silenceMs: 300 },
        never,
      )
    await scan(async () => {
      rounds += 1
      await sleep(1_000)
      // Another one, which comes meanwhile, waits for its turn.
      await scan(() => expect.fail('two of them publish'))
    })
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
      ...{ database, metrics, publishTable, intervalMs: 10, roundMs: 60_000, silenceMs: 300 },
    }
    const failure = await scanWithoutSlot(parts, never).catch((error: unknown) => error)
    expect(failure).to.match(/terminating connection/)
  })
})

const terminate = `
  SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'scan' AND datname = current_database()`

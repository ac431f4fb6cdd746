import { createLog } from '@boxoffice/common/telemetry/log.ts'
import { expect } from 'chai'
import type pg from 'pg'
import { type Database, openDatabase } from './database.ts'
import { dropOtherLayouts, enterLayout, isOtherLayoutActive, layoutOf, OtherLayoutError } from './layout.ts'
import { createOutboxDatabase, defaultNames, type OutboxDatabase } from './testing/outbox-database.ts'

describe('the layout of an outbox', () => {
  let outbox: OutboxDatabase
  let database: Database
  const clients: pg.PoolClient[] = []

  beforeEach(async () => {
    outbox = await createOutboxDatabase()
    const log = createLog({ service: 'test', level: 'silent' })
    database = openDatabase({ url: outbox.url, applicationName: 'layout', names: defaultNames, log })
  })
  afterEach(async () => {
    for (const client of clients.splice(0)) client.release(true)
    await database.end()
    await outbox.drop()
  })

  const layout = (shards: number) => layoutOf(database, 'shop', shards)
  /** Enters it in a session of its own. */
  const enter = async (shards: number): Promise<pg.PoolClient> => {
    const client = await outbox.pool.connect()
    clients.push(client)
    await enterLayout(client, database, await layout(shards))
    return client
  }
  const failureOf = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error)

  it('lets relays with the same number of shards in beside each other, and no others', async () => {
    await enter(2)
    await enter(2)
    expect(await failureOf(enter(1))).to.be.instanceOf(OtherLayoutError)
    expect(await failureOf(enter(3))).to.be.instanceOf(OtherLayoutError)
    expect(await isOtherLayoutActive(database, await layout(1))).to.equal(true)
  })

  it('has another slot where the schema or the publication of the outbox has another name', async () => {
    const nameIn = async ([schema, publication]: readonly [string, string]): Promise<string> => {
      const elsewhere = Object.assign(Object.create(database), {
        names: { ...defaultNames, schema, publication },
      })
      return (await layoutOf(elsewhere, 'shop', 1)).baseName
    }
    const places = [
      ['public', 'outbox'],
      ['shop', 'shop_outbox'],
      ['shop', 'outbox'],
      ['public', 'shop_outbox'],
    ] as const
    const slots = await Promise.all(places.map((place) => nameIn(place)))
    expect(new Set(slots)).to.have.property('size', places.length)
    expect(slots[0]).to.match(/^outbox_shop_[0-9]+$/)
    expect(slots[1]).to.match(/^outbox_shop_[0-9]+_[0-9a-f]{6}$/)
  })

  it('is left with the session', async () => {
    const client = await enter(2)
    await client.query('SELECT pg_advisory_unlock_all()')
    await enter(1)
    expect(await isOtherLayoutActive(database, await layout(1))).to.equal(false)
    expect(await isOtherLayoutActive(database, await layout(2))).to.equal(true)
  })

  it('drops the slots of other layouts, and leaves its own and those of others alone', async () => {
    const [one, two, sixteen] = [await layout(1), await layout(2), await layout(16)]
    const kept = [two.shards[1]?.slotName, `${two.baseName}_reports`, `${outbox.name}_2of2`]
    for (const name of [one.baseName, sixteen.shards[15]?.slotName, ...kept]) {
      await outbox.pool.query(`SELECT pg_create_logical_replication_slot($1, 'pgoutput')`, [name])
    }
    await dropOtherLayouts(database, two)
    const { rows } = await outbox.pool.query<{ slot_name: string }>(
      'SELECT slot_name FROM pg_replication_slots WHERE database = current_database()',
    )
    expect(rows.map((row) => row.slot_name)).to.have.members(kept)
  })
})

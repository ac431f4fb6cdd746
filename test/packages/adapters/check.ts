import { createKafkaClient, VerifiedProducer } from '@boxoffice/kafka'
import {
  appendToOutbox,
  createJsonCodec,
  migrateMessaging,
  type SqlDatabase,
  startConsumer,
} from '@boxoffice/messaging'
import { createPgDatabase } from '@boxoffice/messaging/pg'
import type pg from 'pg'
import { z } from 'zod'

/** Checks an outbox and an inbox on `database`, which an adapter of docs/use-the-libraries.md has created. */
export async function check(database: SqlDatabase, pool: pg.Pool): Promise<void> {
  const { ORDERS = '', KAFKA_BROKERS = '' } = process.env
  const orderOf = ({ order }: { order: string }) => order
  const type = { schema: z.object({ order: z.string() }), topic: ORDERS, source: 'shop', keyOf: orderOf }
  const codec = createJsonCodec({ 'shop.OrderPlaced': { ...type, subjectOf: orderOf } })
  await migrateMessaging(createPgDatabase(pool))
  await pool.query(
    'CREATE TABLE IF NOT EXISTS placed (order_id text PRIMARY KEY); CREATE TABLE IF NOT EXISTS billed (order_id text PRIMARY KEY)',
  )

  const messageOf = (order: string) =>
    codec.message('shop.OrderPlaced', { body: { order }, cause: order, time: new Date() })
  const place = (order: string, andFail: boolean) =>
    database.transaction(async (tx) => {
      await tx.query('INSERT INTO placed VALUES ($1)', [order])
      await appendToOutbox(tx, [messageOf(order)])
      if (andFail) throw new Error('on purpose')
    })
  await place('1', false)
  await place('2', true).catch(() => undefined)
  const changed = await database.transaction((tx) =>
    tx.query<{ order_id: string }>('UPDATE placed SET order_id = order_id RETURNING order_id'),
  )
  if (changed.map(({ order_id }) => order_id).join() !== '1')
    throw new Error(`an UPDATE returned the wrong rows: ${JSON.stringify(changed)}`)
  const { rows } = await pool.query('SELECT payload FROM outbox')
  const appended = rows.map(({ payload }) => JSON.parse(payload).order)
  if (appended.join() !== '1') throw new Error(`the outbox holds ${appended}`)

  const kafka = createKafkaClient({ brokers: KAFKA_BROKERS.split(','), clientId: 'shop' })
  const consumer = await startConsumer({
    name: `shop-${process.pid}`,
    source: 'shop',
    kafka,
    database,
    handler: {
      topics: [ORDERS],
      codec,
      async handle(tx, messages) {
        for (const { body } of messages) await tx.query('INSERT INTO billed VALUES ($1)', [body.order])
        return { outbox: [] }
      },
    },
  })
  const producer = new VerifiedProducer({ kafka })
  const records = ['1', '1', '3'].map(messageOf).map(({ key, payload, headers }) => ({
    topic: ORDERS,
    key: key && Buffer.from(key),
    value: payload && Buffer.from(payload),
    headers: headers as Readonly<Record<string, string>>,
  }))
  await producer.send(records)
  const deadline = Date.now() + 30_000
  const billed = async () => (await pool.query('SELECT order_id FROM billed ORDER BY 1')).rows
  while ((await billed()).length < 2 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 50))
  const handled = (await billed()).map(({ order_id }) => order_id)
  const { rows: positions } = await pool.query('SELECT sum(next_offset)::int AS read FROM consumer_position')
  await producer.close()
  await consumer.stop()
  if (handled.join() !== '1,3') throw new Error(`billed ${handled}, read ${positions[0]?.read}`)
}

// Takes orders and bills them: plain pg, JSON, two topics. The relay (npx outbox-relay) runs beside its database.
//   node billing.js                  makes the tables, then bills until SIGTERM
//   node billing.js order ann 1 40   takes ann's orders 1 to 40
//   node billing.js redrive          handles again what was put aside
import { randomUUID } from 'node:crypto'
import { createKafkaClient } from '@boxoffice/kafka'
import { appendToOutbox, createJsonCodec, migrateMessaging, startConsumer } from '@boxoffice/messaging'
import { createDeadLetters } from '@boxoffice/messaging/operations'
import { createPgDatabase, type PgTransaction } from '@boxoffice/messaging/pg'
import pg from 'pg'
import { z } from 'zod'

const { DATABASE_URL, KAFKA_BROKERS = '', ORDERS = 'orders', INVOICES = 'invoices' } = process.env

const type = {
  schema: z.object({ order: z.string(), customer: z.string() }),
  source: 'shop/billing',
  keyOf: ({ customer }: { customer: string }) => customer,
  subjectOf: ({ order }: { order: string }) => order,
}
const codec = createJsonCodec({
  'shop.OrderPlaced': { ...type, topic: ORDERS },
  'shop.InvoiceSent': { ...type, topic: INVOICES },
})

// Its own tables are in the schema public, those of messaging in their own.
const options = '-c search_path=public,messaging'
const pool = new pg.Pool({ connectionString: DATABASE_URL, options })
pool.on('error', (error) => console.error('an idle connection broke:', error.message))
const database = createPgDatabase(pool)

/** The outbox: the order and its message are committed together, or neither is. */
async function placeOrder(tx: PgTransaction, order: string, customer: string): Promise<void> {
  await tx.query('INSERT INTO placed VALUES ($1, $2)', [order, customer])
  const message = { body: { order, customer }, cause: order, time: new Date() }
  await appendToOutbox(tx, [codec.message('shop.OrderPlaced', message)])
}

/** The inbox: each order comes once, in the order of its key; its effect and the position are committed together. */
async function bill(tx: PgTransaction, messages: readonly ReturnType<typeof codec.decode>[]) {
  for (const { body } of messages) {
    const known = await tx.query('SELECT FROM customer WHERE name = $1', [body.customer])
    if (known.length === 0) throw new Error(`there is no customer ${body.customer}`)
    await tx.query('INSERT INTO invoice (order_id, customer) VALUES ($1, $2)', [body.order, body.customer])
  }
  const invoices = messages.map((message) =>
    codec.causedBy(message, 'shop.InvoiceSent', { body: message.body, time: new Date() }),
  )
  return { outbox: invoices }
}

const handler = { topics: [ORDERS], codec, handle: bill }
const [command, customer = '', first = '1', last = first] = process.argv.slice(2)
if (command === 'order') {
  for (let nth = Number(first); nth <= Number(last); nth += 1)
    await database.transaction((tx) => placeOrder(tx, `${customer}-${nth}`, customer))
  await pool.end()
} else if (command === 'redrive') {
  const deadLetters = createDeadLetters({ name: 'billing', source: 'shop/billing', database, handler })
  await deadLetters.redrive({
    redriveId: randomUUID(),
    subject: 'operator',
    selection: { case: 'filter', value: {} },
    signal: AbortSignal.timeout(30_000),
  })
  await pool.end()
} else {
  await migrateMessaging(database)
  await pool.query(`CREATE TABLE IF NOT EXISTS customer (name text PRIMARY KEY);
    CREATE TABLE IF NOT EXISTS placed (order_id text PRIMARY KEY, customer text);
    CREATE TABLE IF NOT EXISTS invoice (id bigserial, order_id text, customer text)`)
  const kafka = createKafkaClient({ brokers: KAFKA_BROKERS.split(','), clientId: 'billing' })
  const source = 'shop/billing'
  const consumer = await startConsumer({ name: 'billing', source, kafka, database, handler, log: console })
  process.once('SIGTERM', () => consumer.stop().then(() => pool.end()))
}

import { randomUUID } from 'node:crypto'
import { createKafkaClient, VerifiedProducer } from '@boxoffice/kafka'
import { appendToOutbox, migrateMessaging, startConsumer } from '@boxoffice/messaging'
import { createPgDatabase } from '@boxoffice/messaging/pg'
import { createMessage, createProtobufCodec, withContract } from '@boxoffice/messaging-protobuf'
import { create, createFileRegistry, type DescMessage, type Message } from '@bufbuild/protobuf'
import { FieldDescriptorProto_Type, FileDescriptorProtoSchema } from '@bufbuild/protobuf/wkt'
import pg from 'pg'

// A user's service. Its schema is created at run time, as from a schema registry.
type Parcel = Message & { readonly parcel: string; readonly customer: string }

const textField = (name: string, number: number) => ({
  name,
  number,
  jsonName: name,
  type: FieldDescriptorProto_Type.STRING,
})
const file = create(FileDescriptorProtoSchema, {
  name: 'parcels.proto',
  package: 'post.v1',
  syntax: 'proto3',
  messageType: [{ name: 'ParcelSent', field: [textField('parcel', 1), textField('customer', 2)] }],
})
const schema = createFileRegistry(file, () => undefined).getMessage('post.v1.ParcelSent') as DescMessage

const { PARCELS = '', KAFKA_BROKERS = '', DATABASE_URL = '' } = process.env
const ParcelSent = withContract(schema, {
  topic: PARCELS,
  source: 'post',
  keyOf: (body) => (body as Parcel).customer,
  subjectOf: (body) => (body as Parcel).parcel,
})
const codec = createProtobufCodec([ParcelSent])

const pool = new pg.Pool({ connectionString: DATABASE_URL, connectionTimeoutMillis: 5_000 })
pool.on('error', () => undefined)
const database = createPgDatabase(pool)
await migrateMessaging(database)
await pool.query('CREATE TABLE delivered (parcel text PRIMARY KEY, customer text)')

const sent = (parcel: string) =>
  createMessage({
    schema: ParcelSent,
    body: create(schema, { parcel, customer: 'ann' }),
    cause: parcel,
    time: new Date(),
  })
await database.transaction((tx) => appendToOutbox(tx, [sent('1'), sent('2')]))

const kafka = createKafkaClient({ brokers: KAFKA_BROKERS.split(','), clientId: 'post' })
const consumer = await startConsumer({
  name: `post-${process.pid}`,
  source: 'post',
  kafka,
  database,
  handler: {
    topics: [PARCELS],
    codec,
    async handle(tx, messages) {
      for (const { body } of messages) {
        const { parcel, customer } = body as Parcel
        await tx.query('INSERT INTO delivered VALUES ($1, $2)', [parcel, customer])
      }
      return { outbox: [] }
    },
  },
})

// This replaces the relay, which would be another process.
const { rows } = await pool.query('SELECT topic, key, payload AS value, headers FROM outbox ORDER BY id')
const producer = new VerifiedProducer({ kafka })
const broken = { ...rows[0], value: Buffer.from('no protobuf') }
broken.headers = { ...broken.headers, ce_id: randomUUID() }
// The same rows twice, as a relay may send them.
await producer.send([...rows, broken])
await producer.send(rows)

const count = async (table: string): Promise<number> =>
  Number((await pool.query(`SELECT count(*) FROM ${table}`)).rows[0].count)
const deadline = Date.now() + 30_000
while (Date.now() < deadline && ((await count('delivered')) < 2 || (await count('dead_letter')) < 1))
  await new Promise((resolve) => setTimeout(resolve, 50))
const delivered = await pool.query('SELECT parcel, customer FROM delivered ORDER BY parcel')
const poison = await pool.query('SELECT reason FROM dead_letter')
await producer.close()
await consumer.stop()
await pool.end()
console.log(JSON.stringify({ delivered: delivered.rows, poison: poison.rows }))

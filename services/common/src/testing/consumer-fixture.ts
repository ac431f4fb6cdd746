import { randomUUID } from 'node:crypto'
import { createTopics } from '@boxoffice/kafka'
import type { MessageHandler, ReceivedMessage } from '@boxoffice/messaging'
import { type Consumer, type ConsumerOptions, startConsumer } from '@boxoffice/messaging'
import { causedBy, createProtobufCodec } from '@boxoffice/messaging-protobuf'
import type {
  UsePointCommand,
  UsePointCommandSchema,
} from '@boxoffice/proto/boxoffice/point/v1/point_messages_pb.ts'
import { Migration } from '@mikro-orm/migrations'
import { createKafka, type Kafka } from '../kafka/client.ts'
import type { EntityManager } from '../postgres/entity-manager.ts'
import { createMessagingTables } from '../postgres/messaging-tables.ts'
import { query } from '../postgres/query.ts'
import { createLog } from '../telemetry/log.ts'
import { createMetrics, type Metrics } from '../telemetry/metrics.ts'
import { type TestRecord, testCommands } from './consumer-records.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { schemaOnTopic } from './schema-on-topic.ts'

/** An effect of a handler under test. Effects are listed in the order in which they happened. */
export interface Effect {
  readonly messageId: string
  readonly key: string
  readonly amount: number
}

/** A cluster, a database with the messaging tables and an `effect` table, and helpers for tests of consumers. */
export interface ConsumerFixture {
  readonly kafka: Kafka
  /** Creates another client with its own name. */
  connect(clientId: string): Kafka
  readonly db: TestDatabase
  readonly metrics: Metrics
  topic(partitions?: number): Promise<string>
  send(topic: string, records: readonly TestRecord[]): Promise<void>
  /** Starts a consumer. `dispose` stops it if the test does not. */
  start(options: Pick<ConsumerOptions, 'name' | 'handler'> & Partial<ConsumerOptions>): Promise<Consumer>
  effects(): Promise<Effect[]>
  query<Row>(sql: string, parameters?: readonly unknown[]): Promise<Row[]>
  /** The value of a counter, summed over its labels. */
  counted(name: string): Promise<number>
  clear(): Promise<void>
  dispose(): Promise<void>
}

export async function createConsumerFixture(): Promise<ConsumerFixture> {
  const brokers = (process.env.TEST_KAFKA_BROKERS ?? '').split(',')
  const log = createLog({ service: 'test', level: process.env.TEST_LOG_LEVEL ?? 'silent' })
  const connect = (clientId: string): Kafka => createKafka({ brokers, clientId, log })
  const kafka = connect('test')
  const metrics = createMetrics('test')
  const producer = kafka.producer({ allowAutoTopicCreation: false })
  await producer.connect()
  const db = await createTestDatabase({
    entities: [],
    migrations: [CreateTables],
  })
  const consumers: Consumer[] = []
  const fixture: ConsumerFixture = {
    kafka,
    connect,
    db,
    metrics,
    async topic(partitions = 1) {
      const name = `test-${randomUUID()}`
      const spec = { name, partitions, replicas: 3, config: { 'min.insync.replicas': '2' } }
      await createTopics(kafka, [spec])
      return name
    },
    async send(topic, records) {
      await producer.send({ topic, messages: records.map((record) => ({ ...record })) })
    },
    async start(options) {
      const consumer = await startConsumer({
        kafka,
        database: db.database,
        source: 'boxoffice/test',
        log,
        metrics,
        ...options,
      })
      consumers.push(consumer)
      return consumer
    },
    async effects() {
      const rows = await fixture.query<{ message_id: string; key: string; amount: string }>(
        'SELECT message_id, key, amount FROM effect ORDER BY id',
      )
      return rows.map((row) => ({ messageId: row.message_id, key: row.key, amount: Number(row.amount) }))
    },
    query: (sql, parameters) => query(db.database.em(), sql, parameters),
    counted: (name) => sumOf(metrics, name),
    async clear() {
      await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()))
      await fixture.query(
        'TRUNCATE effect, inbox, outbox, dead_letter, parked_key, redrive, request, consumer_position, replay CASCADE',
      )
      metrics.registry.resetMetrics()
    },
    async dispose() {
      await Promise.all(consumers.splice(0).map((consumer) => consumer.stop()))
      await producer.disconnect()
      await db.drop()
    },
  }
  return fixture
}

/** A handler that writes each message into `effect` and sends one; `before` may throw or wait. One type a topic. */
export function recordingHandler(
  topics: readonly string[],
  before: (message: ReceivedMessage, em: EntityManager) => Promise<void> | void = () => {},
): MessageHandler<EntityManager> {
  return {
    topics,
    codec: createProtobufCodec(
      topics.map((topic, nth) => schemaOnTopic(testCommands[nth % 2] as typeof UsePointCommandSchema, topic)),
    ),
    async handle(em, messages) {
      for (const message of messages) {
        await before(message, em)
        const { amount } = message.body as UsePointCommand
        await query(em, 'INSERT INTO effect (message_id, key, amount) VALUES ($1, $2, $3)', [
          message.id,
          message.key,
          String(amount),
        ])
      }
      return { outbox: messages.map((message) => causedBy(message, answerTo(message))) }
    },
  }
}

const schemaOfType = new Map(testCommands.map((schema) => [schema.typeName as string, schema]))

function answerTo(message: ReceivedMessage) {
  return {
    schema: schemaOfType.get(message.type) as typeof UsePointCommandSchema,
    body: message.body as UsePointCommand,
    time: new Date(),
  }
}

/** The value of a counter, summed over its labels. */
export async function sumOf(metrics: Metrics, name: string): Promise<number> {
  const metric = await metrics.registry.getSingleMetric(name)?.get()
  return metric?.values.reduce((sum, { value }) => sum + value, 0) ?? 0
}

/** Waits until `condition` holds. */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 20_000,
): Promise<void> {
  const deadline = Date.now() + timeoutMs
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited ${timeoutMs} ms for: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

class CreateTables extends Migration {
  override up(): void {
    for (const statement of createMessagingTables) this.addSql(statement)
    this.addSql('CREATE TABLE effect (id bigserial PRIMARY KEY, message_id uuid, key text, amount bigint)')
  }
}

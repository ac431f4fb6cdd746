import { createKafka, type KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { clientOf } from '@boxoffice/common/postgres/connection.ts'
import { VerifiedProducer, withAdmin } from '@boxoffice/kafka'
import pg from 'pg'
import { databaseUrlAs, type Security } from '../../scripts/platform/security.ts'

// Attempts on a secure system. Each returns 'done', or the messages of the error and of all its causes.

/** Makes a request to Kafka. */
export function askAs(kafka: KafkaAddress, ask: Parameters<typeof withAdmin>[1]): Promise<string> {
  return outcome(() => withAdmin(createKafka({ ...kafka, clientId: 'test' }), ask))
}

/** Writes a record. */
export function writeAs(kafka: KafkaAddress, topic: string): Promise<string> {
  return outcome(async () => {
    const producer = new VerifiedProducer({
      kafka: createKafka({ ...kafka, clientId: 'test' }),
      patienceMs: 1_000,
      attemptTimeoutMs: 5_000,
    })
    try {
      const record = { topic, key: Buffer.from('k'), value: Buffer.from('v'), headers: {} }
      const { deferred } = await producer.send([record])
      if (deferred[0] !== undefined) throw new Error(deferred[0].reason)
    } finally {
      await producer.close()
    }
  })
}

/** A role's connection to a database, with parameters of its URL and settings of pg's over the usual ones. */
export interface Connection {
  readonly role: string
  readonly port: number
  readonly database: string
  readonly parameters?: Readonly<Record<string, string>>
  readonly config?: pg.ClientConfig & { readonly replication?: string }
}

/** Runs one statement. */
export function queryAs(
  { role, port, database, parameters = {}, config }: Connection,
  statement: string,
  security: Security,
): Promise<string> {
  return outcome(async () => {
    const url = new URL(await databaseUrlAs(role, { port, database }, security.postgres))
    for (const [name, value] of Object.entries(parameters)) url.searchParams.set(name, value)
    const client = new (clientOf({ url: url.href }, pg.Client))({ ...config })
    try {
      await client.connect()
      await client.query(statement)
    } finally {
      await client.end().catch(() => undefined)
    }
  })
}

/** Opens connections until one is refused, `max` at most, and runs `whileOpen` before it closes them. */
export async function openAs<T>(
  { role, port, database }: Connection,
  max: number,
  security: Security,
  whileOpen: () => Promise<T>,
): Promise<{ readonly opened: number; readonly refusal: string; readonly result: T }> {
  const url = await databaseUrlAs(role, { port, database }, security.postgres)
  const opened: pg.Client[] = []
  let refusal = ''
  try {
    while (opened.length < max && refusal === '') {
      const client = new pg.Client({ connectionString: url })
      refusal = await outcome(() => client.connect()).then((text) => (text === 'done' ? '' : text))
      if (refusal === '') opened.push(client)
    }
    return { opened: opened.length, refusal, result: await whileOpen() }
  } finally {
    for (const client of opened) await client.end()
  }
}

async function outcome(attempt: () => Promise<unknown>): Promise<string> {
  try {
    await attempt()
    return 'done'
  } catch (error) {
    const messages: string[] = []
    for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) messages.push(cause.message)
    return messages.join(': ')
  }
}

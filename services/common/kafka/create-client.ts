import { connect as connectTcp, isIP } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Admin, type ISocketFactory, Kafka, type LogEntry, logLevel, type SASLOptions } from 'kafkajs'
import { askInTurn } from './ask-in-turn.ts'
import type { Logger } from './logger.ts'
import { findLostCoordinators } from './lost-coordinator.ts'
import { readAnyBatch } from './read-any-batch.ts'
import { quietRequestQueue } from './request-queue.ts'
import { knowTopicIds } from './topic-ids.ts'
import { writeInOneGo } from './write-in-one-go.ts'

export type { Admin, Kafka }

/** The brokers, and the credentials of both sides. */
export interface KafkaClientOptions {
  /** `host:port` of the brokers to connect to first. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** The PEM of the CA that signs the brokers' certificates, read for each new connection; without it, plain text. */
  readonly ca?: (() => string) | undefined
  /** SCRAM-SHA-512, with the password read at each authentication; without it, anonymous. */
  readonly sasl?: { readonly username: string; readonly password: () => string } | undefined
  /** Without it the client logs nothing. */
  readonly log?: Logger | undefined
}

/** A broker that is up accepts at once; one that is gone must not hold up the others. */
const connectionTimeoutMs = 2_000
/** The wait for a broker that hangs. Longer than `replica.lag.time.max.ms` of a test cluster is not needed. */
const requestTimeoutMs = 10_000
/** The time after which TCP notices a broken connection on which nothing is sent. */
const keepAliveMs = 30_000

/**
 * Creates a client of a cluster: KafkaJS with its times set on purpose and its known defects repaired. It does not
 * connect by itself.
 */
export function createKafkaClient(options: KafkaClientOptions): Kafka {
  const { brokers, clientId, ca, sasl, log } = options
  quietRequestQueue()
  findLostCoordinators()
  readAnyBatch()
  knowTopicIds()
  writeInOneGo()
  const kafka = new Kafka({
    brokers: [...brokers],
    clientId,
    ssl: ca !== undefined,
    ...(sasl === undefined ? {} : { sasl: scram(sasl.username, sasl.password) }),
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    // Eight tries take about eight seconds: a new leader is there by then. After the last one the caller gets the
    // error.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 8 },
    socketFactory: connectWithoutDelay(ca),
    logLevel: log === undefined ? logLevel.NOTHING : logLevel.INFO,
    logCreator: () => (entry) => writeEntry(log, entry),
  })
  const { admin } = kafka
  kafka.admin = (config) => askInTurn(admin.call(kafka, config))
  optionsOf.set(kafka, options)
  return kafka
}

const optionsOf = new WeakMap<Kafka, KafkaClientOptions>()

/**
 * Creates a client like `kafka` whose first question goes to this broker. KafkaJS asks any broker that it is connected
 * to, but the brokers learn of a new topic one after the other.
 *
 * @param broker - `host:port`, as the brokers advertise it
 * @throws Error if `kafka` was not created by {@link createKafkaClient}
 */
export function startingAtBroker(kafka: Kafka, broker: string): Kafka {
  const options = optionsOf.get(kafka)
  if (options === undefined) throw new Error('this Kafka client was not made by createKafkaClient')
  return createKafkaClient({ ...options, brokers: [broker] })
}

/**
 * KafkaJS leaves Nagle's algorithm on, which can hold back the end of a request until the last one is acknowledged.
 */
function connectWithoutDelay(ca: (() => string) | undefined): ISocketFactory {
  return ({ host, port, onConnect }) => {
    const socket =
      ca === undefined
        ? connectTcp({ host, port }, onConnect)
        : connectTls({ host, port, ca: ca(), ...(isIP(host) === 0 ? { servername: host } : {}) }, onConnect)
    socket.setNoDelay(true)
    socket.setKeepAlive(true, keepAliveMs)
    return socket
  }
}

/** A getter, because KafkaJS reads the password each time that it authenticates. */
function scram(username: string, password: () => string): SASLOptions {
  return {
    mechanism: 'scram-sha-512',
    username,
    get password() {
      return password()
    },
  }
}

/** Namespaces that log each failed attempt as an error. The attempt is repeated, and the last one throws. */
const attempts = new Set(['Connection', 'BrokerPool', 'Cluster'])

function writeEntry(log: Logger | undefined, { namespace, level, log: entry }: LogEntry): void {
  if (log === undefined) return
  const { message, timestamp: _, logger: __, stack: ___, ...details } = entry
  const write = level === logLevel.INFO || attempts.has(namespace) ? 'debug' : levelNames[level]
  log[write ?? 'debug']({ component: namespace ? `kafkajs ${namespace}` : 'kafkajs', ...details }, message)
}

const levelNames: Readonly<Record<number, 'error' | 'warn'>> = {
  [logLevel.ERROR]: 'error',
  [logLevel.WARN]: 'warn',
}

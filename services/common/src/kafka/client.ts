import { connect as connectTcp } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { type Admin, type ISocketFactory, Kafka, type LogEntry, logLevel } from 'kafkajs'
import type { Logger } from '../telemetry/log.ts'
import { findLostCoordinators } from './lost-coordinator.ts'
import { quietRequestQueue } from './request-queue.ts'

export type { Admin, Kafka }

export interface KafkaOptions {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[]
  readonly clientId: string
  /** Without it KafkaJS says nothing. */
  readonly log?: Logger
}

/** A broker that is up accepts at once; one that is gone must not hold up the others. */
const connectionTimeoutMs = 2_000
/** How long a broker that hangs is waited for. Longer than `replica.lag.time.max.ms` of a test cluster is not needed. */
const requestTimeoutMs = 10_000
/** How soon a broken connection is noticed by TCP where nothing is being sent. */
const keepAliveMs = 30_000

/** The one way to a cluster: a KafkaJS client with its times set on purpose and its known defects repaired. */
export function createKafka({ brokers, clientId, log }: KafkaOptions): Kafka {
  quietRequestQueue()
  findLostCoordinators()
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
    enforceRequestTimeout: true,
    // Eight tries take about eight seconds: a new leader is there by then, and who gives up hears of it.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, factor: 0.2, multiplier: 2, retries: 8 },
    socketFactory: connectWithoutDelay,
    logLevel: log === undefined ? logLevel.NOTHING : logLevel.INFO,
    logCreator: () => (entry) => writeEntry(log, entry),
  })
}

/** KafkaJS leaves Nagle's algorithm on, which can hold back the end of a request until the last one is acknowledged. */
const connectWithoutDelay: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const socket = ssl ? connectTls({ host, port, ...ssl }, onConnect) : connectTcp({ host, port }, onConnect)
  socket.setNoDelay(true)
  socket.setKeepAlive(true, keepAliveMs)
  return socket
}

/** These report each failed attempt as an error, although it is tried again and whoever gives up says so. */
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

import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { freePortLayout } from '../../scripts/platform/port-layout.ts'
import { freePorts } from '../../scripts/platform/ports.ts'
import type { ManagedProcess } from '../../scripts/platform/process.ts'
import { replicaName } from '../../scripts/platform/service-process.ts'
import { startTemporarySystem } from '../../scripts/platform/temporary-system.ts'
import { present } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import type { AcceptedTopic } from './accepted-topic.ts'
import { type Clocks, settableClocks } from './clock/clocks.ts'
import { type CommittedRows, watchCommittedRows } from './committed-rows.ts'
import type { DumpedRecord } from './dumped-record.ts'
import { LostRows } from './lost.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** The system under test and everything that faults use to disturb it. */
export interface World {
  readonly system: TestSystem
  /** Bypasses the proxies, for the harness itself. */
  readonly kafka: Kafka
  process(name: string): ManagedProcess
  /** The proxy between a service or relay and PostgreSQL, by the name of its process. */
  postgresProxy(name: string): TcpProxy
  /** The proxy between a service or relay and a broker, named as in `payment to kafka-1`. */
  kafkaProxy(pair: string): TcpProxy
  /** The proxy between a broker and the other brokers, by the broker's name. */
  brokerProxy(broker: string): TcpProxy
  /** The proxy between all customers and a replica of a service, by the name of its process. */
  grpcProxy(name: string): TcpProxy
  /** The addresses of each service's replicas, as customers know them. */
  readonly grpcAddresses: Readonly<Record<ServiceName, readonly string[]>>
  /** The clocks of services and relays. */
  readonly clocks: Clocks
  /** The rows that the services have committed to their outboxes. */
  readonly committed: CommittedRows
  /** The rows that restored databases have lost for good. */
  readonly lost: LostRows
  /** The records of deleted topics, in the order of offsets for each partition. */
  readonly deleted: DumpedRecord[]
  /** Topics that were created again, and accepted. */
  readonly accepted: AcceptedTopic[]
  /** What attacks achieved although they must not, each in a sentence. */
  readonly gotThrough: string[]
  /** Ends faults on every connection, and sets every clock right. */
  healSurroundings(): void
  stop(): Promise<void>
}

export const replicas = 2
export const brokerNames = ['kafka-1', 'kafka-2', 'kafka-3'] as const
export const serviceProcessNames = namesOf((name) => name)
export const relayProcessNames = namesOf((name) => `relay-${name}`)
const clientNames = [...serviceProcessNames, ...relayProcessNames]
/** Every pair of a Kafka client and a broker. */
export const kafkaPairs = clientNames.flatMap((client) =>
  brokerNames.map((broker) => `${client} to ${broker}`),
)

/** Short times, so that deadlines, repeated commands and expired holds happen within a run of one minute. */
const timings = {
  PAYMENT_DEADLINE_MS: '15s',
  ASK_AGAIN_AFTER_MS: '3s',
  ASK_AGAIN_MAX_MS: '15s',
  HOLD_DURATION_MS: '60s',
  // Here a few users hold many seats, and seats that a fault leaves behind stay held for a minute.
  OPEN_HOLDS_PER_USER_MAX: '1000',
  HOLD_PAUSE_MS: '1s',
  SWEEP_INTERVAL_MS: '5s',
}

/**
 * Starts brokers, PostgreSQL and two replicas of everything, with a proxy of the harness in every connection between
 * them, except for the controllers' votes.
 */
export async function startWorld(signal?: AbortSignal): Promise<World> {
  const ports = await freePortLayout(replicas)
  // One listener for each client: there a broker advertises the address of the proxy between the two.
  const pairPorts = new Map<string, number>(zip(kafkaPairs, await freePorts(kafkaPairs.length)))
  const peerPorts = new Map<string, number>(zip(brokerNames, await freePorts(brokerNames.length)))
  const kafkaProxies = await startProxies(kafkaPairs, (pair) => present(pairPorts.get(pair)))
  const brokerProxies = await startProxies(brokerNames, (broker) => present(peerPorts.get(broker)))
  const postgresProxies = await startProxies(clientNames, () => ports.postgres)
  const grpcPorts = serviceNames.flatMap((service) => ports.grpc[service])
  const grpcProxies = await startProxies(serviceProcessNames, (_, index) => present(grpcPorts[index]))
  const proxies = [kafkaProxies, brokerProxies, postgresProxies, grpcProxies].flatMap((map) => [
    ...map.values(),
  ])
  const clocks = await settableClocks()
  const removeSurroundings = async (): Promise<void> => {
    await Promise.all([...proxies.map((proxy) => proxy.close()), clocks.remove()])
  }
  try {
    const system = await startTemporarySystem({
      replicas,
      ports,
      ...(signal ? { signal } : {}),
      env: timings,
      envOf: (process) => {
        const service = serviceOf(process)
        const proxy = present(postgresProxies.get(process))
        return {
          ...clocks.envOf(process),
          KAFKA_BROKERS: brokerNames
            .map((broker) => addressOf(present(kafkaProxies.get(`${process} to ${broker}`))))
            .join(','),
          DATABASE_URL: `postgres://${service}:${service}@127.0.0.1:${proxy.port}/${service}`,
        }
      },
      brokerProperties: (id) => {
        const broker = `kafka-${id}`
        const controller = present(ports.controllers[id - 1])
        const listeners = [
          { name: 'PLAINTEXT', port: ports.kafka[id - 1], advertised: ports.kafka[id - 1] },
          { name: 'PEERS', port: peerPorts.get(broker), advertised: brokerProxies.get(broker)?.port },
          ...clientNames.map((client) => ({
            name: client.toUpperCase().replaceAll('-', '_'),
            port: pairPorts.get(`${client} to ${broker}`),
            advertised: kafkaProxies.get(`${client} to ${broker}`)?.port,
          })),
        ]
        const listed = listeners.map(({ name, port }) => `${name}://127.0.0.1:${port}`)
        const advertised = listeners.map((listener) => `${listener.name}://127.0.0.1:${listener.advertised}`)
        return {
          listeners: [...listed, `CONTROLLER://127.0.0.1:${controller}`].join(','),
          'advertised.listeners': advertised.join(','),
          'listener.security.protocol.map': ['CONTROLLER', ...listeners.map(({ name }) => name)]
            .map((name) => `${name}:PLAINTEXT`)
            .join(','),
          'inter.broker.listener.name': 'PEERS',
          // For each listener.
          'num.network.threads': '1',
        }
      },
    })
    const committed = await watchCommittedRows(system.addresses.services)
    return {
      system,
      kafka: createKafka({ brokers: system.addresses.kafka.brokers, clientId: 'fault-harness' }),
      process: (name) => present(system.processes.get(name)),
      postgresProxy: (name) => present(postgresProxies.get(name)),
      kafkaProxy: (pair) => present(kafkaProxies.get(pair)),
      brokerProxy: (broker) => present(brokerProxies.get(broker)),
      grpcProxy: (name) => present(grpcProxies.get(name)),
      grpcAddresses: byService((service) =>
        serviceProcessNames
          .filter((name) => serviceOf(name) === service)
          .map((name) => addressOf(present(grpcProxies.get(name)))),
      ),
      clocks,
      committed,
      lost: new LostRows(),
      deleted: [],
      accepted: [],
      gotThrough: [],
      healSurroundings() {
        for (const proxy of proxies) proxy.heal()
        clocks.heal()
      },
      async stop() {
        await committed.stop()
        await system.stop()
        await removeSurroundings()
      },
    }
  } catch (error) {
    await removeSurroundings()
    throw error
  }
}

/** The service that a process belongs to: `payment` for `relay-payment-2`. */
export function serviceOf(process: string): ServiceName {
  return present(serviceNames.find((name) => process.replace(/^relay-/, '').startsWith(name)))
}

function byService<Value>(make: (service: ServiceName) => Value): Record<ServiceName, Value> {
  return Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<ServiceName, Value>
}

function addressOf({ port }: TcpProxy): string {
  return `127.0.0.1:${port}`
}

function zip<One, Other>(ones: readonly One[], others: readonly Other[]): [One, Other][] {
  return ones.map((one, index) => [one, present(others[index])])
}

async function startProxies(
  names: readonly string[],
  targetPortOf: (name: string, index: number) => number,
): Promise<Map<string, TcpProxy>> {
  const started = names.map(
    async (name, index) => [name, await TcpProxy.start(targetPortOf(name, index))] as const,
  )
  return new Map(await Promise.all(started))
}

function namesOf(nameOf: (service: ServiceName) => string): string[] {
  return serviceNames.flatMap((name) =>
    Array.from({ length: replicas }, (_, replica) => replicaName(nameOf(name), replica)),
  )
}

import { createKafka, type Kafka } from '@boxoffice/common/kafka/client.ts'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { freePortLayout } from '../../scripts/platform/port-layout.ts'
import { freePorts } from '../../scripts/platform/ports.ts'
import type { ManagedProcess } from '../../scripts/platform/process.ts'
import { replicaName } from '../../scripts/platform/service-process.ts'
import { startTemporarySystem } from '../../scripts/platform/temporary-system.ts'
import { present } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import { type Clocks, settableClocks } from './clock/clocks.ts'
import { type CommittedRows, watchCommittedRows } from './committed-rows.ts'
import { TcpProxy } from './tcp-proxy.ts'

/** The system under test, as the faults see it. */
export interface World {
  readonly system: TestSystem
  /** Past the proxies, for the harness itself. */
  readonly kafka: Kafka
  process(name: string): ManagedProcess
  /** Between a service or relay and PostgreSQL, by the name of its process. */
  postgresProxy(name: string): TcpProxy
  /** Between every client and a broker, by the broker's name. */
  kafkaProxy(broker: string): TcpProxy
  /** Of services and relays. */
  readonly clocks: Clocks
  /** What the services have committed to their outboxes. */
  readonly committed: CommittedRows
  /** Ends faults on every connection, and sets every clock right. */
  healSurroundings(): void
  stop(): Promise<void>
}

export const replicas = 2
export const brokerNames = ['kafka-1', 'kafka-2', 'kafka-3'] as const
export const serviceProcessNames = namesOf((name) => name)
export const relayProcessNames = namesOf((name) => `relay-${name}`)

/** Short, so that a run of a minute sees deadlines, repeated questions and lapsed holds. */
const timings = {
  PAYMENT_DEADLINE_MS: '15s',
  ASK_AGAIN_AFTER_MS: '3s',
  ASK_AGAIN_MAX_MS: '15s',
  HOLD_DURATION_MS: '60s',
  SWEEP_INTERVAL_MS: '5s',
}

/** Starts brokers, PostgreSQL and two replicas of everything, with a proxy of the harness in every connection. */
export async function startWorld(signal?: AbortSignal): Promise<World> {
  const ports = await freePortLayout(replicas)
  const clientPorts = await freePorts(brokerNames.length)
  const kafkaProxies = await startProxies(brokerNames, (_, index) => present(clientPorts[index]))
  const postgresProxies = await startProxies(
    [...serviceProcessNames, ...relayProcessNames],
    () => ports.postgres,
  )
  const brokers = [...kafkaProxies.values()].map((proxy) => `127.0.0.1:${proxy.port}`)
  const proxies = [...kafkaProxies.values(), ...postgresProxies.values()]
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
          KAFKA_BROKERS: brokers.join(','),
          DATABASE_URL: `postgres://${service}:${service}@127.0.0.1:${proxy.port}/${service}`,
        }
      },
      brokerProperties: (id) => {
        const [port, controller, client] = [ports.kafka, ports.controllers, clientPorts].map(
          (list) => list[id - 1],
        )
        const advertised = present(kafkaProxies.get(`kafka-${id}`)).port
        return {
          // Brokers talk to each other directly; the services are told to come through the proxy.
          listeners: `PLAINTEXT://127.0.0.1:${port},CLIENTS://127.0.0.1:${client},CONTROLLER://127.0.0.1:${controller}`,
          'advertised.listeners': `PLAINTEXT://127.0.0.1:${port},CLIENTS://127.0.0.1:${advertised}`,
          'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CLIENTS:PLAINTEXT,CONTROLLER:PLAINTEXT',
        }
      },
    })
    const committed = await watchCommittedRows(system.addresses.services)
    return {
      system,
      kafka: createKafka({ brokers: system.addresses.kafka.brokers, clientId: 'fault-harness' }),
      process: (name) => present(system.processes.get(name)),
      postgresProxy: (name) => present(postgresProxies.get(name)),
      kafkaProxy: (name) => present(kafkaProxies.get(name)),
      clocks,
      committed,
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

/** Whose process it is: `payment` for `relay-payment-2`. */
export function serviceOf(process: string): ServiceName {
  return present(serviceNames.find((name) => process.replace(/^relay-/, '').startsWith(name)))
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

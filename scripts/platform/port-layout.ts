import { type ServiceName, serviceNames } from './databases.ts'
import { freePorts } from './ports.ts'

/** The ports on 127.0.0.1 of every process. Lists have one entry per replica, or per broker. */
export interface PortLayout {
  readonly grpc: Readonly<Record<ServiceName, readonly number[]>>
  readonly metrics: Readonly<Record<ServiceName, readonly number[]>>
  readonly relayMetrics: Readonly<Record<ServiceName, readonly number[]>>
  /** One entry per process of the console. */
  readonly console: readonly ConsolePorts[]
  readonly kafka: readonly number[]
  readonly controllers: readonly number[]
  readonly postgres: number
}

export interface ConsolePorts {
  /** The page and its API. */
  readonly http: number
  readonly grpc: number
  readonly metrics: number
}

export const defaultPortBase = 7000

/** More replicas would collide with the brokers' ports. */
export const replicasMax = 4

/**
 * The fixed ports of a system for users. With the default base: payment 7001, point 7002, reservation 7003, their
 * metrics a hundred higher, their relays' metrics ten above that; each further replica twenty higher; the console's
 * page 7080; Kafka 7092, PostgreSQL 7432.
 */
export function fixedPorts(base: number, replicas: number): PortLayout {
  const perReplica = (offset: number): Record<ServiceName, number[]> =>
    perService((index) =>
      Array.from({ length: replicas }, (_, replica) => base + offset + index + 1 + 20 * replica),
    )
  return {
    grpc: perReplica(0),
    metrics: perReplica(100),
    relayMetrics: perReplica(110),
    console: [{ http: base + 80, grpc: base + 84, metrics: base + 180 }],
    kafka: [92, 93, 94].map((offset) => base + offset),
    controllers: [95, 96, 97].map((offset) => base + offset),
    postgres: base + 432,
  }
}

/** A layout of ports that are free now, for a system that runs beside others. */
export async function freePortLayout(replicas: number, consoles = 1): Promise<PortLayout> {
  const ports = await freePorts(9 * replicas + 3 * consoles + 7)
  const take = (count: number): number[] => ports.splice(0, count)
  return {
    grpc: perService(() => take(replicas)),
    metrics: perService(() => take(replicas)),
    relayMetrics: perService(() => take(replicas)),
    console: Array.from({ length: consoles }, () => {
      const [http = 0, grpc = 0, metrics = 0] = take(3)
      return { http, grpc, metrics }
    }),
    kafka: take(3),
    controllers: take(3),
    postgres: take(1)[0] ?? 0,
  }
}

/** Every port with a readable name, in the order of the table that `npm start` prints. */
export function namedPorts(layout: PortLayout): { readonly port: number; readonly owner: string }[] {
  const named = (ports: Readonly<Record<ServiceName, readonly number[]>>, what: string) =>
    serviceNames.flatMap((name) => ports[name].map((port) => ({ port, owner: `${name}'s ${what}` })))
  return [
    ...named(layout.grpc, 'gRPC'),
    ...named(layout.metrics, 'metrics'),
    ...named(layout.relayMetrics, "relay's metrics"),
    ...layout.console.flatMap(({ http, grpc, metrics }) => [
      { port: http, owner: "the console's page" },
      { port: grpc, owner: "the console's gRPC" },
      { port: metrics, owner: "the console's metrics" },
    ]),
    ...layout.kafka.map((port, index) => ({ port, owner: `Kafka broker ${index + 1}` })),
    ...layout.controllers.map((port, index) => ({ port, owner: `Kafka controller ${index + 1}` })),
    { port: layout.postgres, owner: 'PostgreSQL' },
  ]
}

function perService<Value>(make: (index: number) => Value): Record<ServiceName, Value> {
  return Object.fromEntries(serviceNames.map((name, index) => [name, make(index)])) as Record<
    ServiceName,
    Value
  >
}

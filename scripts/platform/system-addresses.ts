import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { type DatabaseName, type ServiceName, serviceNames } from './databases.ts'
import type { PortLayout } from './port-layout.ts'
import type { RunFile } from './run-file.ts'

/** Where everything of a system is. */
export type SystemAddresses = Pick<
  RunFile,
  'services' | 'relays' | 'console' | 'kafka' | 'adminDatabaseUrl' | 'tlsCaFile'
>

export function addressesOf(
  ports: PortLayout,
  kafka: KafkaAddress,
  databaseUrls: Readonly<Record<DatabaseName, string>>,
  adminDatabaseUrl: string,
): SystemAddresses {
  const local = (port: number): string => `127.0.0.1:${port}`
  // A certificate is for a name: grpc-js warns of an address.
  const named = (port: number): string => (kafka.tlsCaFile === undefined ? local(port) : `localhost:${port}`)
  const byService = <Value>(make: (name: ServiceName) => Value): Record<ServiceName, Value> =>
    Object.fromEntries(serviceNames.map((name) => [name, make(name)])) as Record<ServiceName, Value>
  return {
    services: byService((name) => ({
      grpc: ports.grpc[name].map(named),
      metrics: ports.metrics[name].map(local),
      databaseUrl: databaseUrls[name],
    })),
    relays: byService((name) => ({ metrics: ports.relayMetrics[name].map(local) })),
    console: ports.console.map(({ http, grpc, metrics }) => ({
      page: `http://${local(http)}/`,
      grpc: named(grpc),
      metrics: local(metrics),
    })),
    kafka,
    adminDatabaseUrl,
  }
}

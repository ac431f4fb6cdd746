import type { KafkaAddress } from '@boxoffice/common/kafka/client.ts'
import { type DatabaseName, type ServiceName, serviceNames } from './databases.ts'
import type { PortLayout } from './port-layout.ts'
import type { RunFile } from './run-file.ts'

/** The addresses of all parts of a system. */
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
  // grpc-js warns about a TLS connection to an address, so the name is used.
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

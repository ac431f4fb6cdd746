import path from 'node:path'
import { pageDir } from '../console-page.ts'
import { type ServiceName, serviceNames } from './databases.ts'
import { repositoryDir } from './paths.ts'
import type { PortLayout } from './port-layout.ts'
import type { ManagedProcess } from './process.ts'
import type { Security } from './security.ts'
import { mainOf, nodeProcess, replicaName, type Surroundings, serviceEnv } from './service-process.ts'

/**
 * As in the chart's values. V8 marks a small heap every few seconds, with as many threads as it likes, and events that
 * arrive in that time appear on the page a third of a second later.
 */
const heapFlags = [
  '--max-semi-space-size=8',
  '--max-old-space-size=192',
  '--heap-growing-percent=100',
  '--v8-pool-size=1',
]

/** Describes the processes of the console. */
export function consoleProcesses(ports: PortLayout, around: Surroundings): ManagedProcess[] {
  return ports.console.map(({ http, grpc, metrics }, replica) =>
    nodeProcess({
      name: replicaName('console', replica),
      main: mainOf('console'),
      metricsPort: metrics,
      stage: 0,
      around,
      nodeFlags: heapFlags,
      env: {
        ...serviceEnv('console', around),
        ...consoleEnv(ports, around),
        HTTP_ADDRESS: local(http),
        GRPC_ADDRESS: local(grpc),
      },
    }),
  )
}

/** The environment variables with the addresses of the other processes. */
export function consoleEnv(ports: PortLayout, around: Surroundings): NodeJS.ProcessEnv {
  const { security } = around
  const address = (name: ServiceName): string => grpcAddress(ports.grpc[name][0] ?? 0, security)
  const metrics = serviceNames.flatMap((name) => [...ports.metrics[name], ...ports.relayMetrics[name]])
  return {
    PAYMENT_ADDRESS: address('payment'),
    POINT_ADDRESS: address('point'),
    RESERVATION_ADDRESS: address('reservation'),
    METRICS_TARGETS: metrics.map(local).join(','),
    PAGE_DIR: path.join(repositoryDir, pageDir),
    // This machine is its own identity provider, so links can sign in.
    DEMO_KEY_FILE: around.auth.privateKeyFile,
    ...(security === undefined ? {} : { GRPC_TLS_CA_FILE: security.caFile }),
  }
}

function grpcAddress(port: number, security: Security | undefined): string {
  // grpc-js warns about a TLS connection to an address, so the name is used.
  return security === undefined ? local(port) : `localhost:${port}`
}

function local(port: number): string {
  return `127.0.0.1:${port}`
}

import { setTimeout as sleep } from 'node:timers/promises'
import { type ServiceName, serviceNames } from '../../scripts/platform/databases.ts'
import { freePorts } from '../../scripts/platform/ports.ts'
import { waitUntil } from '../support/wait-until.ts'
import { startKubectl } from './commands.ts'

export interface PortForward {
  /** As `127.0.0.1:port`. */
  readonly address: string
  stop(): Promise<void>
}

/** Forwards a port of this machine to one pod of a service, and to another pod when that one ends. */
async function portForward(namespace: string, service: string, port: number): Promise<PortForward> {
  const [local = 0] = await freePorts(1)
  let child: ReturnType<typeof startKubectl> | undefined
  let stopped = false
  let listens = false
  const forward = async (): Promise<void> => {
    while (!stopped) {
      const args = ['--namespace', namespace, 'port-forward', `service/${service}`, `${local}:${port}`]
      child = startKubectl(...args)
      child.stdout?.setEncoding('utf8').on('data', (text: string) => {
        listens ||= text.includes('Forwarding from')
      })
      // When its pod is gone, kubectl prints that, keeps running and forwards nothing: end it.
      child.stderr?.setEncoding('utf8').on('data', (text: string) => {
        if (podIsGone.test(text)) child?.kill()
      })
      await new Promise((resolve) => child?.once('close', resolve))
      await sleep(100)
    }
  }
  const running = forward()
  await waitUntil(`${service} is forwarded`, async () => listens)
  return {
    address: `127.0.0.1:${local}`,
    async stop() {
      stopped = true
      child?.kill()
      await running
    },
  }
}

/** Forwards the gRPC port of each service of a release, and its console's page. */
export async function portForwards(namespace: string, release: string) {
  const [page, ...forwards] = await Promise.all([
    portForward(namespace, `${release}-console`, 8_080),
    ...serviceNames.map(
      async (name) => [name, await portForward(namespace, `${release}-${name}`, 50_051)] as const,
    ),
  ])
  const grpcOf = new Map(forwards.map(([name, { address }]) => [name, { grpc: [address] }]))
  const services = Object.fromEntries(grpcOf) as Record<ServiceName, { grpc: string[] }>
  return {
    services,
    page: `http://${page.address}`,
    stop: async () => {
      await Promise.all([page, ...forwards.map(([, forward]) => forward)].map((forward) => forward.stop()))
    },
  }
}

const podIsGone = /connection refused|lost connection|not found|not running|network namespace/

import { type ServiceName, serviceNames } from '../../../scripts/platform/databases.ts'
import { replicaName } from '../../../scripts/platform/service-process.ts'
import { waitUntil } from '../../support/wait-until.ts'
import { replicas, type World } from '../world.ts'
import type { Takeover, TakeoverParts } from './takeover.ts'

const limitsMs = { SIGKILL: 2_000, SIGSTOP: 10_000 } as const
const names = {
  SIGKILL: 'a killed relay: its standby publishes',
  SIGSTOP: 'a hung relay: its standby publishes',
}
const pollMs = 10

/** Kills or pauses the active relay of each service in turn, until the relay on standby has published a row. */
export async function* measureRelayTakeover(
  { world, load }: TakeoverParts,
  signal: 'SIGKILL' | 'SIGSTOP',
): AsyncGenerator<Takeover> {
  for (const service of serviceNames) {
    const active = await activeRelay(world, service)
    const standby = 1 - active
    const before = await relayMetric(world, service, standby, 'outbox_relay_published_total')
    const name = replicaName(`relay-${service}`, active)
    const startedMs = performance.now()
    world.process(name).kill(signal)
    await waitUntil(
      `the other relay of ${service} publishes`,
      async () => (await relayMetric(world, service, standby, 'outbox_relay_published_total')) > before,
      { pollMs },
    )
    const tookMs = performance.now() - startedMs
    if (signal === 'SIGSTOP') world.process(name).kill('SIGCONT')
    else await world.process(name).start()
    yield { what: names[signal], to: name, tookMs, limitMs: limitsMs[signal] }
    await load.flows()
  }
}

async function activeRelay(world: World, service: ServiceName): Promise<number> {
  return await waitUntil(`a relay of ${service} is active`, async () => {
    for (let replica = 0; replica < replicas; replica++) {
      if ((await relayMetric(world, service, replica, 'outbox_relay_active')) === 1) return `${replica}`
    }
    return undefined
  }).then(Number)
}

async function relayMetric(
  { system }: World,
  service: ServiceName,
  replica: number,
  name: string,
): Promise<number> {
  const address = system.addresses.relays[service].metrics[replica]
  const text = await (await fetch(`http://${address}/metrics`)).text()
  const line = text
    .split('\n')
    .find((sample) => sample.startsWith(`${name}{`) || sample.startsWith(`${name} `))
  return Number(line?.split(' ').at(-1) ?? Number.NaN)
}

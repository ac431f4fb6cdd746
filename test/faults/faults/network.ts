import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Heal } from '../fault.ts'
import type { Random } from '../random.ts'
import type { TcpProxy } from '../tcp-proxy.ts'
import { brokerNames, relayProcessNames, serviceProcessNames, type World } from '../world.ts'

type Breakage = (proxy: TcpProxy, random: Random) => Heal | undefined

/** A fault of the network between one client and PostgreSQL, or between all clients and one broker. */
function networkFault(
  name: string,
  to: 'postgres' | 'kafka',
  lastsMs: readonly [number, number],
  breakage: Breakage,
): Fault {
  const clients = [...serviceProcessNames, ...relayProcessNames]
  const proxyOf = (world: World, target: string): TcpProxy =>
    to === 'kafka' ? world.kafkaProxy(target) : world.postgresProxy(target)
  return {
    name,
    targets: to === 'kafka' ? brokerNames : clients,
    lastsMs,
    ground: (target) => (to === 'kafka' ? 'kafka' : target),
    async inject(world, target, random) {
      const proxy = proxyOf(world, target)
      const end = breakage(proxy, random)
      return async () => {
        await end?.()
        proxy.heal()
      }
    },
  }
}

const cut: Breakage = (proxy) => {
  proxy.cut()
  return undefined
}

const slow: Breakage = (proxy, random) => {
  proxy.delay(random.between(20, 150))
  return undefined
}

/** Neither side hears of the other, and no connection breaks. */
const hang: Breakage = (proxy) => {
  proxy.hold('to-server', 'to-client')
  return undefined
}

const oneWay: Breakage = (proxy, random) => {
  proxy.hold(random.pick(['to-server', 'to-client']))
  return undefined
}

/** Again and again the connection breaks after COMMIT was sent and before it is answered. */
const loseCommits: Breakage = (proxy) => {
  const over = new AbortController()
  const losing = (async () => {
    while (!over.signal.aborted) {
      proxy.loseAnswerTo(/commit/i)
      await sleep(500, undefined, { signal: over.signal }).catch(() => {})
    }
  })()
  return async () => {
    over.abort()
    await losing
  }
}

export const networkFaults: readonly Fault[] = [
  networkFault('cut-postgres', 'postgres', [0, 0], cut),
  networkFault('slow-postgres', 'postgres', [2_000, 8_000], slow),
  networkFault('hang-postgres', 'postgres', [1_000, 12_000], hang),
  networkFault('one-way-postgres', 'postgres', [1_000, 12_000], oneWay),
  networkFault('lose-commit-answers', 'postgres', [2_000, 6_000], loseCommits),
  networkFault('cut-kafka', 'kafka', [0, 0], cut),
  networkFault('slow-kafka', 'kafka', [2_000, 8_000], slow),
  networkFault('hang-kafka', 'kafka', [1_000, 12_000], hang),
  networkFault('one-way-kafka', 'kafka', [1_000, 12_000], oneWay),
]

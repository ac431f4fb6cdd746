import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, Heal } from '../fault.ts'
import type { Random } from '../random.ts'
import type { TcpProxy } from '../tcp-proxy.ts'
import { brokerNames, kafkaPairs, relayProcessNames, serviceProcessNames, type World } from '../world.ts'

type Breakage = (proxy: TcpProxy, random: Random) => Heal | undefined

/** A kind of connection that a network fault can hit. */
interface Place {
  readonly name: string
  readonly targets: readonly string[]
  ground(target: string): string
  proxy(world: World, target: string): TcpProxy
}

/** Between one service or relay and PostgreSQL. */
const postgres: Place = {
  name: 'postgres',
  targets: [...serviceProcessNames, ...relayProcessNames],
  ground: (target) => target,
  proxy: (world, target) => world.postgresProxy(target),
}

/** Between one service or relay and one broker. Other processes still reach the broker. */
const kafka: Place = {
  name: 'kafka',
  targets: kafkaPairs,
  ground: (target) => target,
  proxy: (world, target) => world.kafkaProxy(target),
}

/** Between one broker and the others that connect to it. */
const brokers: Place = {
  name: 'brokers',
  targets: brokerNames,
  ground: () => 'kafka',
  proxy: (world, target) => world.brokerProxy(target),
}

/** Between all customers and one replica. */
const grpc: Place = {
  name: 'grpc',
  targets: serviceProcessNames,
  ground: (target) => `customers of ${target}`,
  proxy: (world, target) => world.grpcProxy(target),
}

function networkFault(
  verb: string,
  place: Place,
  lastsMs: readonly [number, number],
  breakage: Breakage,
): Fault {
  return named(`${verb}-${place.name}`, place, lastsMs, breakage)
}

function named(name: string, place: Place, lastsMs: readonly [number, number], breakage: Breakage): Fault {
  return {
    name,
    targets: place.targets,
    lastsMs,
    ground: place.ground,
    async inject(world, target, random) {
      const proxy = place.proxy(world, target)
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

/** Neither side receives anything from the other, and no connection breaks. */
const hang: Breakage = (proxy) => {
  proxy.hold('to-server', 'to-client')
  return undefined
}

const oneWay: Breakage = (proxy, random) => {
  proxy.hold(random.pick(['to-server', 'to-client']))
  return undefined
}

/** The connection breaks again and again between a COMMIT and its answer. */
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
  ...[postgres, kafka, brokers, grpc].flatMap((place) => [
    networkFault('cut', place, [0, 0], cut),
    networkFault('slow', place, [2_000, 8_000], slow),
    networkFault('hang', place, [1_000, 12_000], hang),
    networkFault('one-way', place, [1_000, 12_000], oneWay),
  ]),
  named('lose-commit-answers', postgres, [2_000, 6_000], loseCommits),
]

import { setTimeout as sleep } from 'node:timers/promises'
import { cutDown } from '../faults/revive.ts'
import { brokerNames } from '../world.ts'
import type { Purchase } from './steady-load.ts'
import type { Takeover, TakeoverParts } from './takeover.ts'

const what = 'a killed broker: the longest time without a completed checkout'
const limitMs = 10_000
/** Longer than the broker's session, so that the loss is measured and not the return. */
const awayMs = 20_000
const afterMs = 5_000

/** Kills each broker in turn, the active controller among them, and starts it again. */
export async function* measureBrokerLoss({ world, load }: TakeoverParts): AsyncGenerator<Takeover> {
  for (const broker of brokerNames) {
    const startedMs = performance.now()
    await cutDown(world, broker)
    await sleep(awayMs)
    await world.process(broker).start()
    await sleep(afterMs)
    const endMs = performance.now()
    await load.settled()
    const failures = load.purchases.flatMap(({ begunMs, endedMs, failure }) =>
      endedMs > startedMs && begunMs < endMs && failure ? [failure] : [],
    )
    yield {
      what,
      to: broker,
      tookMs: longestGap(load.purchases, startedMs, endMs),
      limitMs,
      ...(failures.length > 0 ? { problem: failures.join('; ') } : {}),
    }
  }
}

function longestGap(purchases: readonly Purchase[], fromMs: number, toMs: number): number {
  const ends = purchases.map(({ endedMs }) => endedMs).filter((ms) => ms > fromMs && ms < toMs)
  const marks = [fromMs, ...ends.sort((one, other) => one - other), toMs]
  return Math.max(...marks.map((ms, index) => ms - (marks[index - 1] ?? ms)))
}

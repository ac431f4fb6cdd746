import { setTimeout as sleep } from 'node:timers/promises'
import { endOffsets, withAdmin } from '@boxoffice/kafka'
import { type ServiceName, serviceNames } from '../../../scripts/platform/databases.ts'
import { topicsOf } from '../../../scripts/verify/consumer-lag.ts'
import { sql } from '../../support/sql.ts'
import { cutDown } from '../faults/revive.ts'
import type { World } from '../world.ts'
import type { Takeover, TakeoverParts } from './takeover.ts'

const what = 'a killed service replica: its partitions are processed again'
const limitMs = 15_000
/**
 * A record that has waited for this long belongs to the dead replica: a living one handles a record in a fraction of
 * that.
 */
const stalledMs = 1_500
const watchMs = 20_000
const pollMs = 50

/** Kills a replica of each service in turn, until the last of its partitions is processed again. */
export async function* measureReplicaTakeover({ world, load }: TakeoverParts): AsyncGenerator<Takeover> {
  for (const service of serviceNames) {
    const name = `${service}-2`
    const startedMs = performance.now()
    await cutDown(world, name)
    const stalls = await watchStalls(world, service, startedMs)
    await world.process(name).start()
    // A record that begins to wait after the first partition was taken over waits for something else.
    const takenOverMs = Math.min(...stalls.map((stall) => stall.untilMs))
    const ofTheDead = stalls.filter((stall) => stall.sinceMs < takenOverMs)
    const tookMs = Math.max(0, ...ofTheDead.map((stall) => stall.untilMs - startedMs))
    const problem = stalls.length === 0 ? { problem: 'no partition stalled: the measurement is void' } : {}
    yield { what, to: name, tookMs, limitMs, ...problem }
    await load.flows()
  }
}

/** A time in which the records of a partition waited. */
interface Stall {
  readonly sinceMs: number
  readonly untilMs: number
}

/** The times in which records waited for longer than under a living replica. */
async function watchStalls(world: World, service: ServiceName, fromMs: number): Promise<Stall[]> {
  const waiting = new Map<string, { readonly sinceMs: number; readonly end: bigint }>()
  const stalls: Stall[] = []
  await withAdmin(world.kafka, async (admin) => {
    while (performance.now() - fromMs < watchMs || isAnyStalled()) {
      const positions = await readPositions(world, service)
      const nowMs = performance.now()
      if (nowMs - fromMs > 4 * watchMs) throw new Error(`partitions of ${service} were never processed again`)
      for (const [partition, { sinceMs, end }] of waiting) {
        if ((positions.get(partition) ?? 0n) < end) continue
        waiting.delete(partition)
        if (nowMs - sinceMs > stalledMs) stalls.push({ sinceMs, untilMs: nowMs })
      }
      for (const topic of topicsOf[service]) {
        for (const [partition, end] of await endOffsets(admin, topic)) {
          const place = `${topic}/${partition}`
          if (waiting.has(place) || end <= (positions.get(place) ?? 0n)) continue
          waiting.set(place, { sinceMs: nowMs, end })
        }
      }
      await sleep(pollMs)
    }
  })
  return stalls

  function isAnyStalled(): boolean {
    return [...waiting.values()].some(({ sinceMs }) => performance.now() - sinceMs > stalledMs)
  }
}

async function readPositions({ system }: World, service: ServiceName): Promise<Map<string, bigint>> {
  const rows = await sql<{ place: string; next_offset: string }>(
    system,
    service,
    `SELECT topic || '/' || partition AS place, next_offset::text FROM consumer_position WHERE consumer = $1`,
    [service],
  )
  return new Map(rows.map((row) => [row.place, BigInt(row.next_offset)]))
}

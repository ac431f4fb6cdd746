import { setInterval as every, setTimeout as sleep } from 'node:timers/promises'
import { signToken } from '../platform/auth.ts'
import type { Progress } from '../start/progress.ts'
import { BenchError } from './bench-error.ts'
import { type EventStream, openEventStream } from './event-stream.ts'
import { readUsage } from './process-usage.ts'
import { type Load, measureRate } from './scenarios.ts'
import type { SystemUnderTest } from './system-under-test.ts'
import type { Spent } from './usage-meter.ts'

export interface StreamFigures {
  readonly streams: number
  readonly eventsPerSecond: number
  /** The console's resident memory: the median of the fifth minute, and that of the tenth. */
  readonly residentMb: { readonly early: number; readonly late: number }
  readonly growthPercent: number
  readonly sentMb: number
  readonly spent: Spent
}

/** The load of the streams. A completed checkout makes seven events. */
export const streamed = { streams: 200, checkoutsPerSecond: 15, seconds: 600 }
const sampleMs = 2_000
const samplesAMinute = 60_000 / sampleMs
/** The minutes in which V8 and the allocator still take memory that they then keep. */
const minutesBefore = 4
const settleTimeoutMs = 10_000
/** Longer than an event takes. */
const restMs = 1_000

/** Keeps 200 readers of all events open for ten minutes of checkouts, each of which must get every event. */
export async function measureStreams(
  system: SystemUnderTest,
  load: Omit<Load, 'processes'>,
  progress: Progress,
): Promise<StreamFigures> {
  const pageUrl = system.addresses.console[0]?.page ?? ''
  const pid = system.processes.find(({ name }) => name === 'console')?.pid ?? 0
  const signIn = async (subject: string) => ({
    authorization: `Bearer ${await signToken(system.auth, { subject, roles: ['viewer'] })}`,
  })
  const headers = await signIn('bench')
  // All readers begin after the same event, so that all must get the same number.
  const { position } = (await (await fetch(new URL('/api/payments', pageUrl), { headers })).json()) as {
    readonly position: string
  }
  const url = new URL(`/api/events?after=${position}`, pageUrl)
  // Each reader is another user, because one user may not have so many streams.
  const readers = await Promise.all(
    Array.from({ length: streamed.streams }, (_, nth) => signIn(`bench-${nth + 1}`)),
  )
  const opened = readers.map((reader) => openEventStream(url, reader))
  try {
    await Promise.all(opened.map(({ answered }) => answered))
    const done = progress.step('streams')
    const sampling = new AbortController()
    const samples = sampleMemory(pid, sampling.signal)
    const { spent } = await measureRate(
      { ...load, processes: system.processes },
      streamed.checkoutsPerSecond,
    ).finally(() => sampling.abort())
    const events = await allCame(opened, load.signal)
    done(`${events} events in each of ${opened.length} streams`)
    const resident = await samples
    const early = median(resident.slice(minutesBefore * samplesAMinute, (minutesBefore + 1) * samplesAMinute))
    const late = median(resident.slice(-samplesAMinute))
    return {
      streams: opened.length,
      eventsPerSecond: events / spent.seconds,
      residentMb: { early, late },
      growthPercent: 100 * (late / early - 1),
      sentMb: opened.reduce((sum, { bytes }) => sum + bytes, 0) / 1e6,
      spent,
    }
  } finally {
    for (const stream of opened) stream.close()
  }
}

async function sampleMemory(pid: number, signal: AbortSignal): Promise<number[]> {
  const sampled: number[] = []
  try {
    for await (const _ of every(sampleMs, undefined, { signal })) {
      const { byName } = await readUsage(new Map([['console', pid]]))
      sampled.push((byName.get('console')?.residentBytes ?? 0) / (1024 * 1024))
    }
  } catch (error) {
    if (!signal.aborted) throw error
  }
  return sampled
}

/** Waits until every stream has as many events as the others. @throws BenchError when one lacks some */
async function allCame(streams: readonly EventStream[], signal: AbortSignal): Promise<number> {
  const deadline = Date.now() + settleTimeoutMs
  for (let before = -1; ; ) {
    const counts = streams.map(({ events }) => events)
    const [least, most] = [Math.min(...counts), Math.max(...counts)]
    if (least === most && most === before) return most
    if (Date.now() > deadline) throw new BenchError(`One stream brought ${least} events, another ${most}.`)
    before = most
    await sleep(restMs, undefined, { signal })
  }
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}

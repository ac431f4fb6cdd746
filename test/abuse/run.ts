import { setTimeout as sleep } from 'node:timers/promises'
import { type Latency, latencyOf } from '../../scripts/bench/latency.ts'
import { startTemporarySystem } from '../../scripts/platform/temporary-system.ts'
import { type Verdict, verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import { sourcesOf } from '../support/books.ts'
import { newConcert, present } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import type { Attack } from './attack.ts'
import { type Bystanders, type ServedCall, startBystanders } from './bystanders.ts'
import { startAttack } from './start-attack.ts'
import type { Outcomes } from './tally.ts'
import { targetOf } from './target-of.ts'

export interface RunOptions {
  readonly attacks: readonly Attack[]
  /** How long each attack goes on. */
  readonly seconds: number
  readonly signal?: AbortSignal
  readonly say?: (line: string) => void
}

/** What an attack came to, and what everybody else felt meanwhile. */
export interface AttackReport extends Outcomes {
  readonly attack: Attack
  readonly served: Service
}

/** How calls were served in some time. */
export interface Service {
  readonly calls: number
  readonly latencyMs: Latency
  /** Calls that were not served, each in a few words. */
  readonly refusals: readonly string[]
}

export interface AbuseReport {
  /** The times between the attacks, together. */
  readonly undisturbed: Service
  readonly attacks: readonly AttackReport[]
  /** Processes that ended, each in a sentence. */
  readonly ended: readonly string[]
  readonly books: Verdict
}

const warmUpMs = 5_000
/** After an attack, until its connections are gone and its work is done. */
const restMs = 1_000
const booksWaitMs = 60_000

/**
 * Starts a secure system and people who use it, lets one attack follow the other with a time without any before each, and
 * reports what they came to. What it started is gone when it returns or throws.
 */
export async function runAbuse({
  attacks,
  seconds,
  signal,
  say = () => {},
}: RunOptions): Promise<AbuseReport> {
  say('starting three brokers, PostgreSQL and the services, with certificates and passwords …')
  const system = await startTemporarySystem({
    secure: true,
    consoles: 1,
    env: { LOG_LEVEL: 'warn' },
    ...(signal ? { signal } : {}),
  })
  try {
    const ended = watchEnds(system)
    // The largest map that there is, for those who ask for it and never read it.
    await newConcert(system, 100, 100)
    const bystanders = await startBystanders(system)
    try {
      await sleep(warmUpMs, undefined, { signal })
      const quiet: ServedCall[] = []
      const reports: AttackReport[] = []
      for (const attack of attacks) {
        say(`${attack.name}: ${attack.tries}`)
        quiet.push(...(await callsDuring(bystanders, () => sleep(seconds * 1_000, undefined, { signal }))))
        reports.push(await attackOnce(system, bystanders, attack, seconds, signal))
        await sleep(restMs, undefined, { signal })
      }
      await bystanders.stop()
      say('waiting until it is quiet, and judging …')
      const books = await verifyWhenAtRest(sourcesOf(system), { waitMs: booksWaitMs })
      return { undisturbed: serviceOf(quiet), attacks: reports, ended, books }
    } finally {
      await bystanders.stop()
    }
  } finally {
    await system.stop()
  }
}

async function attackOnce(
  system: TestSystem,
  bystanders: Bystanders,
  attack: Attack,
  seconds: number,
  signal: AbortSignal | undefined,
): Promise<AttackReport> {
  const running = await startAttack(attack, targetOf(system))
  let outcomes: Outcomes | undefined
  const calls = await callsDuring(bystanders, async () => {
    try {
      await sleep(seconds * 1_000, undefined, { signal })
    } finally {
      outcomes = await running.stop()
    }
  })
  return { attack, ...present(outcomes), served: serviceOf(calls) }
}

/** The calls that began while `during` ran. */
async function callsDuring(
  { calls }: Bystanders,
  during: () => Promise<unknown>,
): Promise<readonly ServedCall[]> {
  const from = performance.now()
  await during()
  const to = performance.now()
  return calls.filter(({ begunMs }) => begunMs >= from && begunMs <= to)
}

function serviceOf(calls: readonly ServedCall[]): Service {
  return {
    calls: calls.length,
    latencyMs: latencyOf(calls.map(({ tookMs }) => tookMs)),
    refusals: calls.flatMap(({ what, refusal }) => (refusal === undefined ? [] : [`${what}: ${refusal}`])),
  }
}

function watchEnds({ processes }: TestSystem): string[] {
  const ended: string[] = []
  for (const process of processes.values()) {
    process.on('exit', ({ code, signal }, { expected }) => {
      if (!expected) ended.push(`${process.name} ended with ${signal ?? code}`)
    })
  }
  return ended
}

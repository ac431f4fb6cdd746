import { setTimeout as sleep } from 'node:timers/promises'
import { startTemporarySystem } from '../../scripts/platform/temporary-system.ts'
import { type Verdict, verifyWhenAtRest } from '../../scripts/verify/verify.ts'
import { sourcesOf } from '../support/books.ts'
import { newConcert, present } from '../support/customer.ts'
import type { TestSystem } from '../support/shared-system.ts'
import type { Attack } from './attack.ts'
import { type Bystanders, type ServedCall, startBystanders } from './bystanders.ts'
import { callsDuring, type Service, serviceOf } from './service.ts'
import { needsRound, type Round } from './slowdown.ts'
import { startAttack } from './start-attack.ts'
import { addOutcomes, noOutcomes, type Outcomes } from './tally.ts'
import { targetOf } from './target-of.ts'

export interface RunOptions {
  readonly attacks: readonly Attack[]
  /** How long each round of an attack lasts. */
  readonly seconds: number
  readonly signal?: AbortSignal
  readonly say?: (line: string) => void
}

/** The outcomes of an attack in all of its rounds, and how the bystanders were served during them. */
export interface AttackReport extends Outcomes {
  readonly attack: Attack
  readonly served: Service
  readonly rounds: readonly Round[]
}

export interface AbuseReport {
  /** All calls between the attacks. */
  readonly undisturbed: Service
  readonly attacks: readonly AttackReport[]
  /** The processes that ended, each in a sentence. */
  readonly ended: readonly string[]
  readonly books: Verdict
}

const warmUpMs = 5_000
/** The time after an attack for its connections to close and its work to end. */
const restMs = 1_000
/** With fewer calls, one of them would decide the 99th percentile. */
const callsMin = 60
const booksWaitMs = 60_000

/**
 * Starts a secure system and bystanders who use it, runs one attack after the other with a quiet time before and after
 * each, and reports their outcomes. Everything it started is stopped when it returns or throws.
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
    // The largest possible seat map, for the attackers that request it and never read it.
    await newConcert(system, 100, 100)
    const bystanders = await startBystanders(system)
    try {
      await sleep(warmUpMs, undefined, { signal })
      const rest = () =>
        callsDuring(bystanders, () =>
          Promise.all([sleep(seconds * 1_000, undefined, { signal }), bystanders.more(callsMin)]),
        )
      const quiet = [await rest()]
      const reports: AttackReport[] = []
      for (const attack of attacks) {
        say(`${attack.name}: ${attack.tries}`)
        reports.push(await measure({ system, bystanders, attack, seconds, signal, quiet, rest }))
      }
      await bystanders.stop()
      say('waiting until the system is at rest, then judging …')
      const books = await verifyWhenAtRest(sourcesOf(system), { waitMs: booksWaitMs })
      return { undisturbed: serviceOf(quiet.flat()), attacks: reports, ended, books }
    } finally {
      await bystanders.stop()
    }
  } finally {
    await system.stop()
  }
}

interface Measurement {
  readonly system: TestSystem
  readonly bystanders: Bystanders
  readonly attack: Attack
  readonly seconds: number
  readonly signal: AbortSignal | undefined
  /** The calls of each quiet time so far; the last one has just ended. */
  readonly quiet: (readonly ServedCall[])[]
  rest(): Promise<readonly ServedCall[]>
}

/** Runs rounds of an attack until its slowdown of the bystanders is known, with a quiet time after each round. */
async function measure({ quiet, rest, ...given }: Measurement): Promise<AttackReport> {
  const rounds: Round[] = []
  const attacked: ServedCall[] = []
  let outcomes = noOutcomes
  while (needsRound(rounds)) {
    const round = await attackOnce(given)
    await sleep(restMs, undefined, given)
    const [before, after] = [present(quiet.at(-1)), await rest()]
    quiet.push(after)
    rounds.push({
      quietP99Ms: serviceOf([...before, ...after]).latencyMs.p99,
      attackedP99Ms: serviceOf(round.calls).latencyMs.p99,
    })
    attacked.push(...round.calls)
    outcomes = addOutcomes(outcomes, round.outcomes)
  }
  return { attack: given.attack, ...outcomes, served: serviceOf(attacked), rounds }
}

async function attackOnce({
  system,
  bystanders,
  attack,
  seconds,
  signal,
}: Omit<Measurement, 'quiet' | 'rest'>): Promise<{ calls: readonly ServedCall[]; outcomes: Outcomes }> {
  const running = await startAttack(attack, targetOf(system))
  let outcomes: Outcomes | undefined
  const calls = await callsDuring(bystanders, async () => {
    try {
      const enough = [sleep(seconds * 1_000, undefined, { signal }), bystanders.more(callsMin)]
      await Promise.all([...enough, running.underWay])
    } finally {
      outcomes = await running.stop()
    }
  })
  return { calls, outcomes: present(outcomes) }
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

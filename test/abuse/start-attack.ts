import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Attack, Target } from './attack.ts'
import { noOutcomes, type Outcomes, totalOf } from './tally.ts'

/** An attack that is under way in a process of its own. */
export interface RunningAttack {
  /** Resolves when it has had some answers. @throws Error if it has not after a while */
  readonly underWay: Promise<void>
  /** Ends it and returns what it came to. @throws Error if the attacker itself has failed */
  stop(): Promise<Outcomes>
}

const underWayMsMax = 30_000
/** So many answers, and it is no attack that has only begun. */
const underWayAnswers = 20
/** What an attacker may take to end in order. With thousands of calls in flight and little processor it may take longer. */
const stopMsMax = 15_000

/** Starts an attack and returns once it is under way. @throws Error if its process does not get there */
export async function startAttack({ name }: Attack, target: Target): Promise<RunningAttack> {
  const file = path.join(import.meta.dirname, 'attacker.ts')
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const ended = once(child, 'exit')
  const complaints = text(child.stderr)
  const failed = async (): Promise<Error> => {
    const [code, signal] = await ended
    return new Error(`the attacker ${name} ended with ${signal ?? code}: ${(await complaints).slice(-2_000)}`)
  }
  let outcomes: Outcomes | undefined
  const begun = Promise.withResolvers<void>()
  const underWay = Promise.withResolvers<void>()
  const lines = createInterface({ input: child.stdout })
  const closed = once(lines, 'close')
  lines.on('line', (line) => {
    outcomes = JSON.parse(line) as Outcomes
    begun.resolve()
    if (totalOf(outcomes) >= underWayAnswers) underWay.resolve()
  })
  void closed.then(failed).then((error) => {
    begun.reject(error)
    underWay.reject(error)
  })
  underWay.promise.catch(() => undefined)
  child.stdin.on('error', () => {
    // It ended before it read: its exit code says so.
  })
  child.stdin.end(JSON.stringify({ name, target }))
  await begun.promise
  const late = new Error(`the attacker ${name} has had no answers for ${underWayMsMax} ms`)
  setTimeout(() => underWay.reject(late), underWayMsMax).unref()
  return {
    underWay: underWay.promise,
    async stop() {
      child.kill('SIGTERM')
      let isLate = false
      const timer = setTimeout(() => {
        isLate = child.kill('SIGKILL')
      }, stopMsMax)
      const [[code]] = await Promise.all([ended, closed])
      clearTimeout(timer)
      if (code !== 0 && !isLate) throw await failed()
      return outcomes ?? noOutcomes
    },
  }
}

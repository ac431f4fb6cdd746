import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Attack, Target } from './attack.ts'
import { noOutcomes, type Outcomes, totalOf } from './tally.ts'

/** An attack that runs in a process of its own. */
export interface RunningAttack {
  /** Resolves when the attacker has got some answers. @throws Error if it has not within {@link underWayMsMax} */
  readonly underWay: Promise<void>
  /** Ends the attack and returns its outcomes. @throws Error if the attacker itself has failed */
  stop(): Promise<Outcomes>
}

const underWayMsMax = 30_000
/** The number of answers after which an attack counts as under way. */
const underWayAnswers = 20
/**
 * How long an attacker may take to end before it is killed. With thousands of calls in flight and little CPU it may
 * need longer.
 */
const stopMsMax = 15_000

/** Starts an attack and returns once its process has begun. @throws Error if the process ends before */
export async function startAttack({ name }: Attack, target: Target): Promise<RunningAttack> {
  const file = path.join(import.meta.dirname, 'attacker.ts')
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'], detached: true })
  const ended = once(child, 'exit')
  const errorOutput = text(child.stderr)
  const failed = async (): Promise<Error> => {
    const [code, signal] = await ended
    return new Error(
      `the attacker ${name} ended with ${signal ?? code}: ${(await errorOutput).slice(-2_000)}`,
    )
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
    // The attacker ended before it read its input: its exit code reports that.
  })
  child.stdin.end(JSON.stringify({ name, target }))
  await begun.promise
  const late = new Error(`the attacker ${name} has got too few answers in ${underWayMsMax} ms`)
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

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import type { Attack, Target } from './attack.ts'
import type { Outcomes } from './tally.ts'

/** An attack that is under way in a process of its own. */
export interface RunningAttack {
  /** Ends it and returns what it came to. @throws Error if the attacker itself has failed */
  stop(): Promise<Outcomes>
}

/** What an attacker may take to end in order. */
const stopMsMax = 60_000

/** Starts an attack and returns once it is under way. @throws Error if its process does not get there */
export async function startAttack({ name }: Attack, target: Target): Promise<RunningAttack> {
  const file = path.join(import.meta.dirname, 'attacker.ts')
  const child = spawn(process.execPath, [file], { stdio: ['pipe', 'pipe', 'pipe'] })
  const ended = once(child, 'exit')
  const complaints = text(child.stderr)
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const failed = async (): Promise<Error> => {
    const [code, signal] = await ended
    return new Error(`the attacker ${name} ended with ${signal ?? code}: ${(await complaints).slice(-2_000)}`)
  }
  child.stdin.on('error', () => {
    // It ended before it read: its exit code says so.
  })
  child.stdin.end(JSON.stringify({ name, target }))
  if ((await lines.next()).done) throw await failed()
  return {
    async stop() {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), stopMsMax)
      const { value, done } = await lines.next()
      await ended
      clearTimeout(timer)
      if (done) throw await failed()
      return JSON.parse(value) as Outcomes
    },
  }
}
